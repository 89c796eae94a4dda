import { createServer, type Implementation, type Server, type ServerOptions } from '@frameport/server'
import { describe, test } from 'vitest'
import { type LogEntry, recordingLog } from './setup.ts'
import type { World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

/** A server of one implementation in a world. */
export interface Served {
  readonly world: World
  readonly server: Server
  /** The lines that the server logged. */
  readonly log: readonly LogEntry[]
}

/** A test in every world, with a server of `make()`. Afterwards everything is closed, and nothing may remain. */
export function testInEveryWorld<Context extends object>(
  name: string,
  make: () => {
    readonly implementation: Implementation<Context>
    readonly options?: Partial<ServerOptions<Context>>
  },
  run: (served: Served) => Promise<void>,
): void {
  for (const { name: worldName, open, absent } of worlds) {
    const title = absent === undefined ? `in ${worldName}` : `in ${worldName} (skipped: ${absent})`
    describe.skipIf(absent !== undefined)(title, () => {
      test(name, async () => {
        const { implementation, options = {} } = make()
        const served = servedIn(open(), implementation, options)
        try {
          await run(served)
        } finally {
          await served.world.close(served.server)
        }
      })
    })
  }
}

function servedIn<Context extends object>(
  world: World,
  implementation: Implementation<Context>,
  options: Partial<ServerOptions<Context>>,
): Served {
  const { environment, port } = world
  const { log, lines } = recordingLog()
  const all = {
    log,
    ...(environment === undefined ? {} : { environment }),
    ...(port === undefined ? {} : { completionPort: port }),
    ...options,
  }
  // Whether the context is required depends on the implementation, which is unknown here.
  const server = createServer(implementation as Implementation<object>, all as ServerOptions<object>)
  return { world, server, log: lines }
}
