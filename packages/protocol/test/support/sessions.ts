import { attachFrames } from '@frameport/framing'
import type { Body } from '../../src/envelope/index.ts'
import type { RpcError, SessionCloseReason } from '../../src/index.ts'
import {
  createSession,
  type DroppedEvent,
  type Goaway,
  type HelloInfo,
  type IncomingCall,
  type OutgoingCall,
  type OutgoingCallOptions,
  type PeerInfo,
  type Session,
  type SessionEnvironment,
  type SessionEvent,
  type SessionHandlers,
  type SessionOptions,
  type SessionShare,
} from '../../src/session/index.ts'
import { type Network, type NetworkOptions, network } from './network.ts'
import type { WatchedStream } from './watched-stream.ts'

/** Records all callbacks of a session in order. */
export class Recorder implements SessionHandlers {
  readonly opens: PeerInfo[] = []
  readonly calls: IncomingCall[] = []
  readonly events: SessionEvent[] = []
  readonly closes: SessionCloseReason[] = []
  readonly dropped: DroppedEvent[] = []
  readonly uncaughtErrors: unknown[] = []
  goaways = 0
  readonly goawaysSeen: Goaway[] = []
  onCall: (call: IncomingCall) => unknown = () => {}
  onHello: ((hello: HelloInfo) => Promise<{ readonly metadata?: Record<string, string> }>) | undefined
  onEvent: (event: SessionEvent) => unknown = () => {}
  onOpened: (peer: PeerInfo) => unknown = () => {}

  hello(hello: HelloInfo): Promise<{ readonly metadata?: Record<string, string> }> {
    return this.onHello?.(hello) ?? Promise.resolve({})
  }

  opened(peer: PeerInfo): unknown {
    this.opens.push(peer)
    return this.onOpened(peer)
  }

  call(call: IncomingCall): unknown {
    this.calls.push(call)
    return this.onCall(call)
  }

  event(event: SessionEvent): unknown {
    this.events.push(event)
    return this.onEvent(event)
  }

  eventDropped(dropped: DroppedEvent): void {
    this.dropped.push(dropped)
  }

  goaway(goaway: Goaway): void {
    this.goawaysSeen.push(goaway)
    this.goaways += 1
  }

  closed(reason: SessionCloseReason): void {
    this.closes.push(reason)
  }

  uncaught(error: unknown): void {
    this.uncaughtErrors.push(error)
  }
}

/** A share that allows any number of refusals. */
export function shareOf(key: string | undefined): SessionShare {
  return { key, takeRefusal: () => true }
}

export interface Side {
  readonly session: Session
  readonly recorder: Recorder
  readonly stream: WatchedStream
}

export type SideOptions = Partial<Omit<SessionOptions, 'role' | 'environment' | 'handlers'>>

export function openSide(
  role: 'client' | 'server',
  environment: SessionEnvironment,
  stream: WatchedStream,
  options: SideOptions = {},
  recorder: Recorder = new Recorder(),
): Side {
  const session = createSession({
    contracts: [],
    ...options,
    role,
    environment,
    handlers: recorder,
  })
  session.attach(attachFrames(stream))
  return { session, recorder, stream }
}

export interface Connected {
  readonly time: Network['time']
  readonly client: Side
  readonly server: Side
}

/** A client and a server after their handshake. */
export async function connected(
  options: {
    readonly client?: SideOptions
    readonly server?: SideOptions
    readonly pair?: NetworkOptions
  } = {},
): Promise<Connected> {
  const { time, a, b } = network(options.pair)
  const server = openSide('server', time, b, options.server)
  const client = openSide('client', time, a, options.client)
  await time.advance(4 * (options.pair?.latencyMs ?? 0))
  return { time, client, server }
}

/** The outcome of one call. */
export class Outcome {
  readonly items: Body[] = []
  /** The bytes of each item on the wire. */
  readonly itemBytes: number[] = []
  /** How often `started` was called. */
  started = 0
  readonly tellStarted = () => {
    this.started += 1
  }
  readonly settlements: { readonly error: RpcError | undefined; readonly body: Body }[] = []
  call!: OutgoingCall
  onItem: (body: Body) => void = () => {}

  get error(): RpcError | undefined {
    return this.settlements[0]?.error
  }

  get body(): Body | undefined {
    return this.settlements[0]?.body
  }

  /** The value of the result, if the call succeeded. */
  get value(): unknown {
    const { body } = this
    return body?.kind === 'value' ? body.value : undefined
  }

  get code(): string {
    const settled = this.settlements[0]
    return settled === undefined ? 'PENDING' : (settled.error?.code ?? 'OK')
  }
}

export function startCall(
  session: Session,
  procedure = 'chat/join',
  { asksStarted = false, ...options }: Partial<OutgoingCallOptions> & { readonly asksStarted?: boolean } = {},
): Outcome {
  const outcome = new Outcome()
  const asking = asksStarted ? { started: outcome.tellStarted } : {}
  outcome.call = session.call(
    { procedure, input: { kind: 'none' }, ...asking, ...options },
    {
      item: (body, bytes) => {
        outcome.items.push(body)
        outcome.itemBytes.push(bytes)
        outcome.onItem(body)
      },
      settled: (error, body) => outcome.settlements.push({ error, body }),
    },
  )
  return outcome
}

export const value = (content: unknown): Body => ({ kind: 'value', value: content })
export const raw = (bytes: Uint8Array): Body => ({ kind: 'raw', bytes })
