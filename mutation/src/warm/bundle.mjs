import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { glob } from 'tinyglobby'

/** @param {string} path */
const packageSource = (path) => `${process.cwd()}/packages/${path}`

/** Where an import of a package of this repository leads: to the copy that is mutated, as in vitest.config.ts. */
const aliases = [
  { find: /^@frameport\/framing\/checks$/, to: () => packageSource('framing/src/checks.ts') },
  {
    find: /^@frameport\/protocol\/(\w+)$/,
    to: (/** @type {string[]} */ [, name]) => packageSource(`protocol/src/${name}/index.ts`),
  },
  {
    find: /^@frameport\/(client|server)\/tcp$/,
    to: (/** @type {string[]} */ [, name]) => packageSource(`${name}/src/tcp.ts`),
  },
  {
    find: /^@frameport\/(framing|protocol|client|server|testing)$/,
    to: (/** @type {string[]} */ [, name]) => packageSource(`${name}/src/index.ts`),
  },
]

/** @type {import('esbuild').Plugin} */
const sourcesOfSandbox = {
  name: 'sources-of-sandbox',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^vitest$/ }, () => ({
      path: `${process.cwd()}/mutation/src/warm/vitest-stand-in.ts`,
    }))
    onResolve({ filter: /^[^./]/ }, ({ path }) => {
      for (const { find, to } of aliases) {
        const match = find.exec(path)
        if (match !== null) return { path: to(match) }
      }
      return { external: true }
    })
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }))
  },
}

/**
 * Writes the tests, the sources and the stand-in for vitest into one module, which can be loaded again as a whole.
 *
 * @param {{ tests: readonly string[], leftOut: readonly string[], entry: string }} what globs and a path in the sandbox
 * @param {string} outfile
 */
export async function bundleTests({ tests, leftOut, entry }, outfile) {
  const files = (await glob([...tests], { ignore: [...leftOut] })).sort()
  const loads = files.map((file) => `startFile(${JSON.stringify(file)}); await import('./${file}')`)
  await build({
    stdin: {
      contents: `
        import { startFile, tests } from './mutation/src/warm/registry.ts'
        export { closeSuites, noteStrayError, runTest, underWay } from './mutation/src/warm/running.ts'
        export { tests }
        export async function load() {
          await import('./${entry}')
          ${loads.join('\n')}
        }`,
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true,
    logLevel: 'error',
    plugins: [sourcesOfSandbox],
  })
}
