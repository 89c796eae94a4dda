import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The path of a source file of the page in the clone. */
const source = (name: string) => fileURLToPath(new URL(`../../page/${name}`, import.meta.url))

/** One file of the page, as the server sends it. */
export interface PageFile {
  readonly type: string
  readonly body: Uint8Array | string
}

/**
 * Bundles the program of the page from the sources of the clone, so that no build step is needed.
 *
 * @throws Error if the program cannot be bundled
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
