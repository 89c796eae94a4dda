import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Of the page, in the clone. */
const source = (name: string) => fileURLToPath(new URL(`../../page/${name}`, import.meta.url))

/** One file of the page, as it is served. */
export interface PageFile {
  readonly type: string
  readonly body: Uint8Array | string
}

/**
 * Puts the program of the page together, from the sources of the clone: nothing has to be built before.
 *
 * @throws Error when it cannot be
 */
export async function bundlePage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [source('main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@frameport/source'],
    logLevel: 'silent',
  })
  const [program] = outputFiles
  if (program === undefined) throw new Error('esbuild returned no program for the page')
  return program.contents
}

export { source as pageSource }
