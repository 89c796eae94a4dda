// What the runs execute: the conformance suite and the injection of failures as plain JavaScript, beside the child
// programs under the names that the suite starts.
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packageFolder } from '../addon-variants.mjs'

const bundleFolder = join(packageFolder, 'build', 'conformance')

/** Programs by name: run in plain node, because under a test runner the exit codes of sanitizers get lost. */
export const programs = {
  suite: join(bundleFolder, 'cases', 'plain.mjs'),
  injection: join(bundleFolder, 'cases', 'injection.mjs'),
  'in-flight': join(bundleFolder, 'cases', 'in-flight.mjs'),
}

export async function bundlePrograms() {
  const { build } = createRequire(import.meta.url)('esbuild')
  const source = join(packageFolder, 'conformance')
  const bundle = (entry, outfile) =>
    build({
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@frameport/source'],
      logLevel: 'error',
      entryPoints: [entry],
      outfile,
    })
  await bundle(join(source, 'plain.ts'), programs.suite)
  await bundle(join(source, 'injection.ts'), programs.injection)
  await bundle(join(source, 'in-flight.ts'), programs['in-flight'])
  for (const child of readdirSync(join(source, 'children'))) {
    const outfile = join(bundleFolder, 'children', child.replace(/\.ts$/, '.mjs'))
    await bundle(join(source, 'children', child), outfile)
  }
}
