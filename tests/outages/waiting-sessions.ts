import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BackendName } from '@frameport/iocp-core'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { WaitingFigures } from './waiting-contract.ts'

export interface WaitingOptions {
  readonly backend: BackendName
  readonly sessions: number
  /** The bytes that the server must send to each killed client; 0 for idle sessions. */
  readonly answerBytes: number
  readonly windowMs: number
  /** The time without changes after which the measurement stops, in addition to the window. Default: a minute. */
  readonly stallMs?: number | undefined
}

/** The memory of a server in its states, in order. */
export interface WaitingStates {
  readonly empty: WaitingFigures
  readonly connected: WaitingFigures
  /** All clients were killed. */
  readonly detached: WaitingFigures
  /** Their calls were answered, but the answers cannot be sent. */
  readonly answered: WaitingFigures
  readonly windowOver: WaitingFigures
}

const programOf = (name: string) => fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))
const execArgv = ['--expose-gc', ...typescriptArguments]
const processes = 4

function start(
  name: string,
  args: readonly unknown[],
): { child: ChildProcess; next: () => Promise<unknown> } {
  const child = fork(programOf(name), args.map(String), { execArgv })
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal}`)
  })
  ended.catch(() => undefined)
  return { child, next: async () => (await Promise.race([once(child, 'message'), ended]))[0] }
}

/** Connects clients, kills them all with SIGKILL, and measures their server until it has ended their sessions. */
export async function measureWaiting(options: WaitingOptions): Promise<WaitingStates> {
  const { backend, sessions, answerBytes, windowMs, stallMs = 60_000 } = options
  const children: ChildProcess[] = []
  try {
    const server = start('waiting-server', [backend, windowMs])
    children.push(server.child)
    const url = await server.next()
    const ask = (what: 'figures' | 'answer') => {
      server.child.send(what)
      return server.next() as Promise<WaitingFigures>
    }
    const reached = async (
      state: string,
      isReached: (figures: WaitingFigures) => boolean,
      quietMs = stallMs,
    ) => {
      for (let changedAtMs = performance.now(), before = ''; ; ) {
        const figures = await ask('figures')
        if (isReached(figures)) return figures
        const { connections, detached, handlers, keptBytes } = figures
        const now = JSON.stringify({ connections, detached, handlers, keptBytes })
        if (now !== before) changedAtMs = performance.now()
        else if (performance.now() - changedAtMs > quietMs)
          throw new Error(`the server does not get on to "${state}": ${now} for ${quietMs / 1_000} s`)
        before = now
        await delay(20 + sessions / 20)
      }
    }
    const empty = await ask('figures')
    const all = Math.min(processes, sessions)
    const clients = Array.from({ length: all }, (_, at) => {
      const count = Math.floor((sessions * (at + 1)) / all) - Math.floor((sessions * at) / all)
      return start('waiting-clients', [backend, url, count, answerBytes])
    })
    children.push(...clients.map(({ child }) => child))
    await Promise.all(clients.map(({ next }) => next()))
    const handlers = answerBytes === 0 ? 0 : sessions
    const connected = await reached(
      'connected',
      (now) => now.connections === sessions && now.handlers === handlers,
    )
    for (const { child } of clients) child.kill('SIGKILL')
    // On a busy machine, a few may have ended before.
    const detached = await reached('detached', (now) => now.detached === now.connections)
    await ask('answer')
    const answered = await reached(
      'answered',
      (now) => now.handlers === 0 && now.keptBytes >= now.connections * answerBytes,
    )
    const windowOver = await reached('windowOver', (now) => now.connections === 0, windowMs + stallMs)
    return { empty, connected, detached, answered, windowOver }
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** Returns what the figures show about a faulty server, in sentences. */
export function wrongWith(
  { detached, windowOver }: WaitingStates,
  { sessions, windowMs }: WaitingOptions,
): readonly string[] {
  const wrong: string[] = []
  if (detached.connections < sessions)
    wrong.push(
      `only ${detached.connections} of ${sessions} sessions waited: others were over before, so their figures are too small. Give a longer --window-ms than ${windowMs}`,
    )
  for (const figure of ['countedBytes', 'keptBytes'] as const)
    if (windowOver[figure] !== 0)
      wrong.push(`${windowOver[figure]} ${figure} are left when every session is over`)
  return wrong
}
