import type { SessionCloseReason } from '@frameport/protocol'
import { createServer, type Logger, type Server, type ServerOptions } from '@frameport/server'
import { describe, test } from 'vitest'
import { createLab, type LabContext, type LabRecord } from './lab-handlers.ts'
import type { World } from './worlds/world.ts'
import { type WorldName, worlds } from './worlds/worlds.ts'

export interface LogEntry {
  readonly level: keyof Logger
  readonly facts: Readonly<Record<string, unknown>>
  readonly text: string
}

/** The parts of a scenario: a new world, server and log for each. */
export interface Stage {
  readonly world: World
  readonly server: Server
  readonly record: LabRecord
  readonly log: readonly LogEntry[]
  readonly gone: readonly SessionCloseReason[]
}

export interface ScenarioOptions {
  /** Default: 30 s. */
  readonly timeoutMs?: number
  /** Worlds in which the scenario cannot hold. It still runs there, and must fail. */
  readonly notIn?: { readonly worlds: readonly WorldName[]; readonly reason: string }
}

/** States what must hold, as a sentence, and how to check it. */
export type Scenario = (name: string, run: () => Promise<void>, options?: ScenarioOptions) => void

/** Runs `scenarios` in every world. After each, everything is closed and nothing may remain. */
export function inEveryWorld(
  scenarios: (stage: () => Stage, scenario: Scenario) => void,
  options: Partial<ServerOptions<LabContext>> = {},
): void {
  for (const { name: worldName, open, absent } of worlds) {
    const title = absent === undefined ? `in ${worldName}` : `in ${worldName} (skipped: ${absent})`
    describe.skipIf(absent !== undefined)(title, () => {
      let stage: Stage
      scenarios(
        () => stage,
        (name, run, { timeoutMs = 30_000, notIn } = {}) => {
          test(name, { timeout: timeoutMs }, async (context) => {
            stage = setStage(open(), options)
            const failure = await failureOf(run, stage)
            const skip = notIn?.worlds.includes(worldName) === true ? notIn.reason : undefined
            if (expected(failure, skip) === 'skipped') context.skip(skip)
          })
        },
      )
    })
  }
}

/**
 * The result of a scenario, skipped or not.
 *
 * @throws the error of the scenario, or an error for an outdated skip
 */
export function expected(
  failure: { readonly error: unknown } | undefined,
  skip: string | undefined,
): 'passed' | 'skipped' {
  if (skip === undefined) {
    if (failure !== undefined) throw failure.error
    return 'passed'
  }
  if (failure === undefined) throw new Error(`it holds here, so its skip ("${skip}") must go`)
  return 'skipped'
}

/** Also closes the world of a scenario that failed, without waiting for its open calls. */
async function failureOf(
  run: () => Promise<void>,
  { world, server, record }: Stage,
): Promise<{ error: unknown } | undefined> {
  try {
    await run()
    await world.close(server)
    return undefined
  } catch (error) {
    for (const release of record.release.values()) release()
    await world.close(server).catch(() => undefined)
    return { error }
  }
}

const contextOfHello: NonNullable<ServerOptions<LabContext>['context']> = ({ hello }) => ({
  user: typeof hello.auth === 'string' ? hello.auth : 'guest',
})

export function setStage(
  world: World,
  { context = contextOfHello, ...options }: Partial<ServerOptions<LabContext>> = {},
): Stage {
  const { implementation, record } = createLab()
  const { log, lines } = recordingLog()
  const gone: SessionCloseReason[] = []
  const { environment, port } = world
  const server = createServer<LabContext>(implementation, {
    context,
    log,
    onDisconnect: ({ reason }) => void gone.push(reason),
    ...(environment === undefined ? {} : { environment }),
    ...(port === undefined ? {} : { completionPort: port }),
    ...options,
  })
  return { world, server, record, log: lines, gone }
}

/** A log that records its lines. */
export function recordingLog(): { readonly log: Logger; readonly lines: readonly LogEntry[] } {
  const lines: LogEntry[] = []
  const line = (level: keyof Logger) => (facts: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push({ level, facts, text })
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  return { log, lines }
}
