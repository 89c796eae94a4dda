import { join } from 'node:path'
import { build } from 'esbuild'
import { benchmarksFolder } from '../bundle.ts'

/**
 * Bundles programs into the project in which our packages are installed, so that it provides every imported package. Returns the path of the program of
 * a file.
 *
 * @param files names without `.ts`, which are also those of the programs
 * @param sourceOf the source of a file's program, as if it were in the folder of the benchmarks
 */
export async function buildPrograms(
  files: readonly string[],
  project: string,
  sourceOf: (file: string) => readonly string[],
): Promise<(file: string) => string> {
  const programs = join(project, 'programs')
  for (const file of files)
    await build({
      absWorkingDir: benchmarksFolder,
      stdin: {
        contents: sourceOf(file).join('\n'),
        resolveDir: benchmarksFolder,
        sourcefile: `${file}-program.ts`,
        loader: 'ts',
      },
      outfile: join(programs, `${file}.mjs`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    })
  return (file) => join(programs, `${file}.mjs`)
}
