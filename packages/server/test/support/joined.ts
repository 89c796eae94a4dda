import { type ContractEvent, RpcError } from '@frameport/protocol'
import type { Body, LogPosition } from '@frameport/protocol/envelope'
import {
  createSession,
  type EventGap,
  type IncomingCall,
  type OutgoingCallOptions,
  type Session,
  type SessionEvent,
  type SessionHandlers,
  type SessionOptions,
} from '@frameport/protocol/session'
import {
  createServer,
  type Implementation,
  type Logger,
  type Server,
  type ServerConnection,
  type ServerOptions,
} from '@frameport/server'
import { onTestFinished } from 'vitest'
import { type PipeEnd, pipe } from './pipe.ts'
import { TestClock } from './test-clock.ts'

export interface LogLine {
  readonly level: keyof Logger
  readonly facts: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A server in virtual time that records the lines of its log. It closes after the test. */
export interface Opened {
  readonly server: Server
  readonly clock: TestClock
  readonly lines: readonly LogLine[]
  /** Returns the result of `promise`. Time advances as far as necessary. */
  until<T>(promise: Promise<T>): Promise<T>
  /** Waits until everything has happened that needs no time. */
  settle(): Promise<void>
}

/** A client of the server that consists of a session. */
export interface Joined {
  readonly connection: ServerConnection
  readonly session: Session
  /** The server's end of the connection. */
  readonly channel: PipeEnd
  /** The calls that the server made, and the events that it sent. */
  readonly calls: readonly IncomingCall[]
  readonly events: readonly SessionEvent[]
  /** Events and gaps, in their order: `{ body }` and `{ gap }`. */
  readonly seen: readonly (Pick<SessionEvent, 'body' | 'position'> | { readonly gap: EventGap })[]
  /** Settles with the code of the reason when the session has ended. */
  readonly closed: Promise<string>
  /** Settles with the value of the answer. @throws RpcError */
  call(procedure: string, value?: unknown, options?: Partial<OutgoingCallOptions>): Promise<unknown>
  /** Subscribes to a topic, or unsubscribes. @throws RpcError */
  subscribe(event: string, topic?: string, kind?: 'subscribe' | 'unsubscribe'): Promise<void>
  /**
   * Subscribes, first to the events after a position. Settles with the position after which the events of the topic
   * begin, if the server reports it.
   */
  subscribeAfter(event: string, topic: string, position?: LogPosition): Promise<LogPosition | undefined>
}

export interface JoinOptions extends Partial<Pick<SessionOptions, 'contracts' | 'limits' | 'auth'>> {
  /** Default `memory:`, which has no share. */
  readonly remoteEndpoint?: string
  /** Answers the calls of the server. */
  readonly onCall?: (call: IncomingCall) => void
  /** Further handlers of the session. */
  readonly handlers?: Partial<
    Pick<SessionHandlers, 'detached' | 'resumed' | 'forgotten' | 'eventGap' | 'goaway' | 'subscriptionEnded'>
  >
  /** Answers the challenges of the server. */
  readonly challenged?: NonNullable<SessionHandlers['challenged']>
}

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

export function opened(
  implementation: Implementation<never, ContractEvent>,
  options: Partial<ServerOptions<never>> = {},
  clock = new TestClock(),
): Opened {
  const lines: LogLine[] = []
  const line = (level: keyof Logger) => (facts: LogLine['facts'], text: string) =>
    void lines.push({ level, facts, text })
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const server = createServer(implementation as unknown as Implementation<object>, {
    environment: clock,
    log,
    ...(options as Partial<ServerOptions<object>>),
  })
  onTestFinished(async () => {
    await clock.until(server.close({ graceMs: 0 }))
  })
  return { server, clock, lines, until: (promise) => clock.until(promise), settle }
}

/** Connects, and waits until the server accepts or refuses the client. */
export async function join({ server, clock }: Opened, options: JoinOptions = {}): Promise<Joined> {
  const { remoteEndpoint = 'memory:', onCall, handlers, challenged, ...sessionOptions } = options
  const [channel, theirs] = pipe()
  const calls: IncomingCall[] = []
  const events: SessionEvent[] = []
  const seen: Joined['seen'][number][] = []
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  let end: (code: string) => void = () => undefined
  const closed = new Promise<string>((resolve) => {
    end = resolve
  })
  const session = createSession({
    contracts: [],
    ...sessionOptions,
    role: 'client',
    environment: clock,
    handlers: {
      opened: settle,
      call: (call) => {
        calls.push(call)
        onCall?.(call)
      },
      event: (event) => {
        events.push(event)
        seen.push(event)
      },
      eventGap: (gap) => void seen.push({ gap }),
      ...(challenged === undefined ? {} : { challenged }),
      goaway: () => undefined,
      closed: ({ code }) => {
        settle()
        end(code)
      },
      ...handlers,
    },
  })
  const connection = server.accept(channel, { remoteEndpoint })
  session.attach(theirs)
  await clock.until(settled)
  return {
    connection,
    session,
    channel,
    calls,
    events,
    seen,
    closed,
    call: (procedure, value, more) =>
      new Promise((resolve, reject) => {
        const input: Body = value === undefined ? { kind: 'none' } : { kind: 'value', value }
        session.call(
          { procedure, input, ...more },
          {
            item: () => undefined,
            settled: (error, body) => {
              if (error === undefined) resolve(body.kind === 'value' ? body.value : undefined)
              else reject(error)
            },
          },
        )
      }),
    subscribe: (event, topic = '', kind = 'subscribe') =>
      new Promise((resolve, reject) => {
        session.changeSubscription({ kind, event, topic }, (error) =>
          error === undefined ? resolve() : reject(error),
        )
      }),
    subscribeAfter: (event, topic, position) =>
      new Promise((resolve, reject) => {
        session.changeSubscription({ kind: 'subscribe', event, topic, position }, (error, begin) =>
          error === undefined ? resolve(begin) : reject(error),
        )
      }),
  }
}

/** Returns the RpcError with which a promise rejects. */
export async function failureOf(promise: Promise<unknown>): Promise<RpcError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (RpcError.is(error)) return error
  throw new Error('it did not fail with an RpcError', { cause: error })
}
