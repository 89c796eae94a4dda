import { join } from 'node:path'
import { build } from 'esbuild'
import { benchmarksFolder } from '../bundle.ts'

/**
 * Bundles the program of each set-up into the project in which our packages are installed, so that every import of a
 * package is one of that project. Returns the path of the program of a file of `rivals/`.
 */
export async function buildPrograms(
  files: readonly string[],
  project: string,
): Promise<(file: string) => string> {
  const programs = join(project, 'programs')
  for (const file of files)
    await build({
      absWorkingDir: benchmarksFolder,
      stdin: {
        contents: [
          `import { contestant } from './rivals/${file}.ts'`,
          `import { runRival } from './support/rival/program.ts'`,
          'await runRival(contestant)',
        ].join('\n'),
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
