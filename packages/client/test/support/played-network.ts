import { type ClientOptions, type Connector, createClient } from '@frameport/client'
import { attachFrames } from '@frameport/framing'
import { contract, event, procedure, type RpcError, type SessionCloseReason } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import {
  createSession,
  createSessionHost,
  type HelloInfo,
  type IncomingCall,
  type IncomingSubscription,
  type Session,
  type SessionHost,
} from '@frameport/protocol/session'
import { createMemoryPair, createVirtualClock, type MemoryPair, type VirtualClock } from '@frameport/testing'
import { z } from 'zod'

export const tiny = contract('tiny', {
  version: 1,
  procedures: {
    ping: procedure({ output: z.string() }),
    stay: procedure({ output: z.string() }),
    repeat: procedure({ output: z.string(), idempotent: true }),
  },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

/** One server of a played network: it answers `ping` with its name, and `stay` when the test says so. */
export class PlayedServer {
  readonly name: string
  readonly hellos: HelloInfo[] = []
  readonly sessions: Session[] = []
  readonly staying: IncomingCall[] = []
  readonly subscriptions: string[] = []
  readonly pings: IncomingCall[] = []
  readonly gone: SessionCloseReason[] = []
  /** Credentials that arrived on an open connection. */
  readonly renewed: Body[] = []
  announcement = tiny.announcement
  /** How the server treats a new connection. */
  mode: 'up' | 'down' | 'mute' | 'unreachable' | 'stranger' | 'slams' = 'up'
  /** The answer to the next hellos. */
  refusal: RpcError | undefined
  refuses: (hello: HelloInfo) => RpcError | undefined = () => this.refusal
  subscriptionRefusal: RpcError | undefined
  /** The server answers hellos after this. */
  greets: Promise<void> | undefined
  /** The server answers credentials on an open connection after this. */
  decides: () => Promise<void> = async () => undefined
  readonly #clock: VirtualClock
  readonly #resumeBytes: number
  #host: SessionHost

  constructor(name: string, clock: VirtualClock, resumeBytes: number) {
    this.name = name
    this.#clock = clock
    this.#resumeBytes = resumeBytes
    this.#host = this.#newHost()
  }

  /** The session that was opened last. */
  get session(): Session {
    return this.sessions.findLast(({ state }) => state !== 'closed') as Session
  }

  /** Forgets all sessions. */
  restart(): void {
    this.#host = this.#newHost()
  }

  accept({ b }: MemoryPair): void {
    if (this.mode !== 'up') {
      b.start({ data: () => undefined, end: () => b.end(), drain: () => undefined, close: () => undefined })
      if (this.mode === 'stranger') b.send(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'))
      if (this.mode === 'slams') b.end()
      return
    }
    const session = createSession({
      role: 'server',
      environment: this.#clock,
      contracts: [this.announcement],
      host: this.#host,
      limits: { resumeBytes: this.#resumeBytes },
      handlers: {
        hello: async (hello) => {
          this.hellos.push(hello)
          await this.greets
          const refusal = this.refuses(hello)
          if (refusal !== undefined) throw refusal
          return {}
        },
        credentials: async ({ auth }) => {
          this.renewed.push(auth)
          await this.decides()
          return {}
        },
        opened: () => undefined,
        call: (call) => {
          if (/(stay|repeat)$/.test(call.procedure)) this.staying.push(call)
          else {
            this.pings.push(call)
            call.respond({ kind: 'value', value: this.name })
          }
        },
        subscription: (request: IncomingSubscription) => {
          this.subscriptions.push(`${request.kind} ${request.event}`)
          if (this.subscriptionRefusal === undefined) request.call.respond({ kind: 'none' })
          else request.call.fail(this.subscriptionRefusal)
        },
        event: () => undefined,
        goaway: () => undefined,
        closed: (reason) => void this.gone.push(reason),
      },
    })
    this.sessions.push(session)
    session.attach(attachFrames(b))
  }

  #newHost(): SessionHost {
    return createSessionHost({ environment: this.#clock, turnMs: 1_000, memoryBytesMax: 2 ** 28 })
  }
}

/** Servers with one address each, and a client of them, in virtual time. */
export class PlayedNetwork {
  readonly clock: VirtualClock
  readonly servers: readonly PlayedServer[]
  readonly pairs: MemoryPair[] = []
  /** When the client connected to which address. */
  readonly knocks: string[] = []
  readonly releases: string[] = []

  constructor({ resumeBytes = 65_536, count = 1, seed = 1 } = {}) {
    this.clock = createVirtualClock({ seed })
    this.servers = Array.from(
      { length: count },
      (_, index) => new PlayedServer(`server ${index}`, this.clock, resumeBytes),
    )
  }

  get server(): PlayedServer {
    return this.servers[0] as PlayedServer
  }

  get connectors(): readonly Connector[] {
    return this.servers.map((server) => ({
      url: `test:${server.name.replace(' ', '-')}`,
      connect: async () => {
        this.knocks.push(`${server.name} at ${Math.round(this.clock.nowMs())}`)
        if (server.mode === 'down') throw new Error('nobody listens')
        if (server.mode === 'unreachable') await new Promise(() => undefined)
        const pair = createMemoryPair({ clock: this.clock })
        this.pairs.push(pair)
        server.accept(pair)
        return pair.a
      },
      release: () => void this.releases.push(server.name),
    }))
  }

  client(options: ClientOptions<typeof tiny> = {}) {
    const states: string[] = []
    const sessions: string[] = []
    const client = createClient(tiny, this.connectors, {
      environment: this.clock,
      onStateChange: ({ state, failures }) =>
        void states.push(failures === undefined ? state : `${state} ${failures}`),
      onSession: ({ resumed, isFirst }) =>
        void sessions.push(isFirst ? 'first' : resumed ? 'resumed' : 'new'),
      ...options,
    })
    return { client, states, sessions }
  }

  /** Cuts the newest connection. */
  async cut(how: 'abort' | 'end' = 'abort'): Promise<void> {
    this.pairs.at(-1)?.b[how]()
    await this.clock.settle()
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise)
  }

  /**
   * Closes everything.
   *
   * @returns what is still open afterwards: nothing, if all went well
   */
  async leftOvers(...clients: readonly { $close(options?: object): Promise<void> }[]): Promise<string[]> {
    await this.run(Promise.all(clients.map((client) => client.$close({ graceMs: 0 }))))
    const sessions = this.servers.flatMap((server) => server.sessions)
    await this.run(Promise.all(sessions.map((session) => session.close({ graceMs: 0 }))))
    await this.clock.settle()
    return [...this.clock.leftOvers(), ...this.pairs.flatMap((pair) => pair.leftOvers())]
  }
}

/** A client whose connection is old enough to count as lasting. */
export async function connected(
  network: PlayedNetwork,
  options: Parameters<PlayedNetwork['client']>[0] = {},
) {
  const made = network.client(options)
  await network.run(made.client.$connection.opened())
  await network.clock.advance(11_000)
  return made
}
