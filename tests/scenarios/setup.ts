import type { SessionCloseReason } from '@frameport/protocol'
import { createServer, type Logger, type Server, type ServerOptions } from '@frameport/server'
import { afterEach, beforeEach, describe } from 'vitest'
import { createLab, type LabContext, type LabRecord } from './lab-handlers.ts'
import { type World, worlds } from './world.ts'

export interface LogEntry {
  readonly level: keyof Logger
  readonly facts: Readonly<Record<string, unknown>>
  readonly text: string
}

/** What a scenario works with: a fresh world, server and log for each test. */
export interface Stage {
  readonly world: World
  readonly server: Server
  readonly record: LabRecord
  readonly log: readonly LogEntry[]
  readonly gone: readonly SessionCloseReason[]
}

/** Runs `scenarios` in every world. After each, everything is closed and nothing may be left. */
export function inEveryWorld(
  scenarios: (stage: () => Stage) => void,
  options: Partial<ServerOptions<LabContext>> = {},
): void {
  for (const { name, open, absent } of worlds) {
    const title = absent === undefined ? `in ${name}` : `in ${name} (skipped: ${absent})`
    describe.skipIf(absent !== undefined)(title, () => {
      let stage: Stage
      beforeEach(() => {
        stage = setStage(open(), options)
      })
      afterEach(() => stage.world.close(stage.server))
      scenarios(() => stage)
    })
  }
}

export function setStage(world: World, options: Partial<ServerOptions<LabContext>> = {}): Stage {
  const { implementation, record } = createLab()
  const log: LogEntry[] = []
  const gone: SessionCloseReason[] = []
  const line = (level: keyof Logger) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    void log.push({ level, facts, text })
  const server = createServer<LabContext>(implementation, {
    context: ({ hello }) => ({ user: typeof hello.auth === 'string' ? hello.auth : 'guest' }),
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    onDisconnect: ({ reason }) => void gone.push(reason),
    ...(world.environment === undefined ? {} : { environment: world.environment }),
    ...('port' in world ? { completionPort: world.port as never } : {}),
    ...options,
  })
  return { world, server, record, log, gone }
}
