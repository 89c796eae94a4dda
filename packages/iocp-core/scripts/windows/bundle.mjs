import { basename, join } from 'node:path'
import { build } from 'esbuild'

/** A program with everything it imports as one file of plain JavaScript; `plugins` are those of esbuild. Returns its path. */
export async function bundleProgram(source, folder, plugins = []) {
  const outfile = join(folder, basename(source).replace(/\.ts$/, '.mjs'))
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    logLevel: 'error',
    // What is CommonJS inside asks for node's own modules by `require`.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)",
    },
    entryPoints: [source],
    outfile,
    plugins,
  })
  return outfile
}
