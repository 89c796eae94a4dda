import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** The project `benchmarks/` of the checkout that the command runs in: programs always come from here. */
export const benchmarksFolder: string = fileURLToPath(new URL('..', import.meta.url))

/** The families of programs: the folders of `works/`. */
export type Family = 'ours' | 'raw' | 'nest'

/** The works of a family: each file of `works/FAMILY` is one. */
export function worksOf(family: Family): string[] {
  const files = readdirSync(join(benchmarksFolder, 'works', family))
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
}

/**
 * Bundles programs of a family against the sources of a checkout, so that nothing has to be built or written there.
 * Returns the path of a work's program.
 */
export async function bundle(
  family: Family,
  checkout: string,
  works: readonly string[],
): Promise<(work: string) => string> {
  const name = createHash('sha256').update(checkout).digest('hex').slice(0, 12)
  const outputFolder = join(benchmarksFolder, 'build', `${family}-${name}`)
  await build({
    absWorkingDir: benchmarksFolder,
    entryPoints: works.map((work) => join('works', family, `${work}.ts`)),
    outdir: outputFolder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    external: ['@nestjs/*', 'reflect-metadata', 'rxjs'],
    plugins: [sourcesOf(checkout)],
    logLevel: 'error',
  })
  return (work) => join(outputFolder, `${work}.mjs`)
}

/** Resolves our packages in one checkout, whichever file imports them. */
function sourcesOf(checkout: string): Plugin {
  const packages = join(checkout, 'packages') + sep
  return {
    name: 'sources of a checkout',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@frameport\// }, async ({ path, kind, pluginData }) => {
        if (pluginData === packages) return undefined
        const found = await resolve(path, { kind, resolveDir: checkout, pluginData: packages })
        if (found.errors.length === 0 && !found.path.startsWith(packages))
          throw new Error(
            `${path} of ${checkout} leads to ${found.path}: another checkout would be measured.`,
          )
        return found
      })
    },
  }
}
