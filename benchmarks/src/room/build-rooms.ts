import { join } from 'node:path'
import { build } from 'esbuild'
import { benchmarksFolder } from '../bundle.ts'

/** Bundles the program of each file of `rooms/` into the project in which our packages are installed. Returns the path of a program. */
export async function buildRooms(
  rooms: readonly string[],
  project: string,
): Promise<(room: string) => string> {
  const programs = join(project, 'programs')
  for (const room of rooms)
    await build({
      absWorkingDir: benchmarksFolder,
      stdin: {
        contents: [
          `import { contestant, openMember } from './rooms/${room}.ts'`,
          `import { runRoom } from './support/room/program.ts'`,
          'await runRoom(contestant, openMember)',
        ].join('\n'),
        resolveDir: benchmarksFolder,
        sourcefile: `${room}-room.ts`,
        loader: 'ts',
      },
      outfile: join(programs, `${room}-room.mjs`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    })
  return (room) => join(programs, `${room}-room.mjs`)
}
