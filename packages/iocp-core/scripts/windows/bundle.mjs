import { basename, join } from 'node:path'
import { build } from 'esbuild'

/** A program with everything it imports as one file of plain JavaScript. Returns its path. */
export async function bundleProgram(source, folder) {
  const outfile = join(folder, basename(source).replace(/\.ts$/, '.mjs'))
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    logLevel: 'error',
    entryPoints: [source],
    outfile,
  })
  return outfile
}
