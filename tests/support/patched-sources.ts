import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** A text that must occur exactly once in a source file, and its replacement. */
export interface Patch {
  /** The path below the folder of the sources, with `/` between folders. */
  readonly file: string
  readonly search: string
  readonly replace: string
}

/** A program that is bundled, and the folder with the sources that patches may change. */
export interface PatchedProgram {
  readonly entry: URL
  /** With a slash at its end. */
  readonly sources: URL
}

/**
 * Bundles a program with patched sources, loads it, and passes its module to `use`.
 *
 * @throws Error if a text does not occur exactly once, or the program does not load a file
 */
export async function withPatches<Module, Result>(
  program: PatchedProgram,
  patches: readonly Patch[],
  use: (module: Module) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'frameport-patched-'))
  try {
    const outfile = join(folder, 'program.mjs')
    const unused = new Set(patches)
    await build({
      entryPoints: [fileURLToPath(program.entry)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@frameport/source'],
      logLevel: 'silent',
      plugins: [patching(fileURLToPath(program.sources), patches, unused)],
    })
    for (const { file } of unused) throw new Error(`${file} is not loaded by the program`)
    return await use((await import(pathToFileURL(outfile).href)) as Module)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function patching(sources: string, patches: readonly Patch[], unused: Set<Patch>): Plugin {
  return {
    name: 'patches',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(sources, path).replaceAll('\\', '/')
        const wanted = patches.filter((patch) => patch.file === file)
        if (wanted.length === 0) return undefined
        let contents = readFileSync(path, 'utf8')
        for (const patch of wanted) {
          contents = patched(contents, patch)
          unused.delete(patch)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** @throws Error unless the text occurs exactly once */
export function patched(source: string, { file, search, replace }: Patch): string {
  const parts = source.split(search)
  if (parts.length === 2) return parts.join(replace)
  throw new Error(`${file} has ${JSON.stringify(search)} ${parts.length - 1} times: mend the seeded fault`)
}
