import type { CompletionPort } from '@frameport/iocp-core'
import type { SessionCloseReason } from '@frameport/protocol'
import { createServer, implement, type Server, type ServerOptions } from '@frameport/server'
import { interop } from '../contract.ts'

/** Our server, and its records. */
export interface OurServer {
  readonly server: Server
  /** The reason for the end of each connection. */
  readonly ended: SessionCloseReason[]
  /** The number of items that `count` has sent. */
  readonly produced: () => number
  /** Whether the signals of `wait` and `linger` were aborted. */
  readonly aborted: () => boolean[]
  readonly release: () => void
}

export function ourServer(
  completionPort: CompletionPort,
  options: Pick<ServerOptions<object>, 'environment' | 'limits'> = {},
): OurServer {
  const ended: SessionCloseReason[] = []
  const signals: AbortSignal[] = []
  let produced = 0
  let [running, isRunning] = gate()
  let [released, release] = gate()
  const implementation = implement(interop).handlers({
    echo: ({ input }) => input,
    invert: ({ input }) => input.map((byte) => byte ^ 0xff),
    refuse: ({ errors }) => {
      throw errors.NAME_TAKEN({ suggestion: 'guest2' }, 'That name is taken.')
    },
    crash: () => {
      throw new Error('for the log only')
    },
    async *count({ input }) {
      for (let number = 1; number <= input.to; number++) {
        produced++
        yield number
      }
    },
    async *watch() {
      await released
      yield 1
    },
    wait: async ({ signal }) => {
      signals.push(signal)
      isRunning()
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
      return Promise.race([released, aborted])
    },
    linger: async ({ signal }) => {
      signals.push(signal)
      isRunning()
      const text = await released
      signal.throwIfAborted()
      return text
    },
    running: async () => {
      await running
      ;[running, isRunning] = gate()
    },
    release: () => {
      release()
      ;[released, release] = gate()
    },
    join: ({ input, connection }) => connection.subscribe(interop.events.line, input),
    say: ({ input: { room, text } }) => {
      server.publish(interop.events.line, { room }, { text })
      server.publish(interop.events.tick, { room }, { text })
    },
  })
  const server: Server = createServer(implementation, {
    log: false,
    ...options,
    completionPort,
    authorizeSubscribe: ({ topic }) => topic.room !== 'secret',
    onDisconnect: ({ reason }) => void ended.push(reason),
  })
  return {
    server,
    ended,
    produced: () => produced,
    aborted: () => signals.map(({ aborted }) => aborted),
    release: () => release(),
  }
}

/** A promise, and the function that settles it. */
function gate(): [Promise<string>, () => void] {
  let open: () => void = () => undefined
  const promise = new Promise<string>((resolve) => {
    open = () => resolve('released')
  })
  return [promise, open]
}
