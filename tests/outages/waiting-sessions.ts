import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BackendName } from '@frameport/iocp-core'
import type { WaitingFigures } from './waiting-contract.ts'

export interface WaitingOptions {
  readonly backend: BackendName
  readonly sessions: number
  /** What the server has to say to each client that is gone; 0 for sessions that do nothing. */
  readonly answerBytes: number
  readonly windowMs: number
}

/** The memory of a server in its states, in the order in which they came. */
export interface WaitingStates {
  readonly empty: WaitingFigures
  readonly connected: WaitingFigures
  /** All clients were killed. */
  readonly detached: WaitingFigures
  /** Their calls were answered, which nobody reads. */
  readonly answered: WaitingFigures
  readonly windowOver: WaitingFigures
}

const programOf = (name: string) => fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))
const execArgv = ['--expose-gc', '--conditions=@frameport/source', '--import', 'tsx']
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

/** Connects clients, kills them all with SIGKILL, and measures their server until it has let go of them. */
export async function measureWaiting(options: WaitingOptions): Promise<WaitingStates> {
  const { backend, sessions, answerBytes, windowMs } = options
  const children: ChildProcess[] = []
  try {
    const server = start('waiting-server', [backend, windowMs])
    children.push(server.child)
    const url = await server.next()
    const ask = (what: 'figures' | 'answer') => {
      server.child.send(what)
      return server.next() as Promise<WaitingFigures>
    }
    const reached = async (isReached: (figures: WaitingFigures) => boolean) => {
      for (;;) {
        const figures = await ask('figures')
        if (isReached(figures)) return figures
        await delay(20 + sessions / 20)
      }
    }
    const empty = await ask('figures')
    const clients = Array.from({ length: Math.min(processes, sessions) }, (_, at, all = processes) => {
      const count = Math.floor((sessions * (at + 1)) / all) - Math.floor((sessions * at) / all)
      return start('waiting-clients', [backend, url, count, answerBytes])
    })
    children.push(...clients.map(({ child }) => child))
    await Promise.all(clients.map(({ next }) => next()))
    const handlers = answerBytes === 0 ? 0 : sessions
    const connected = await reached((now) => now.connections === sessions && now.handlers === handlers)
    for (const { child } of clients) child.kill('SIGKILL')
    // On a machine that is busy a few have ended before.
    const detached = await reached((now) => now.detached === now.connections)
    await ask('answer')
    const answered = await reached(
      (now) => now.handlers === 0 && now.keptBytes >= now.connections * answerBytes,
    )
    const windowOver = await reached((now) => now.connections === 0)
    return { empty, connected, detached, answered, windowOver }
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}
