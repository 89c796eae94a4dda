import { bytes, contract, type Metadata, procedure, RpcError } from '@frameport/protocol'
import { type CallServices, CallsAgain, CallsOfSignals, callFunctions } from '@frameport/protocol/calling'
import {
  createSessionHost,
  type IncomingCall,
  type OutgoingCall,
  type Session,
} from '@frameport/protocol/session'
import { createMemoryPair, createVirtualClock, type VirtualClock } from '@frameport/testing'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Interceptor } from '../../src/calling/interceptor.ts'
import { openSide, type Side, type SideOptions, value } from './sessions.ts'
import { WatchedStream } from './watched-stream.ts'

const Line = z.object({ id: z.number(), text: z.string() })
const After = z.object({ after: z.number(), room: z.string().optional() })

/** Procedures of every kind. Some of them may be called again. */
export const lines = contract('lines', {
  version: 1,
  procedures: {
    get: procedure({
      input: z.number(),
      output: z.number(),
      idempotent: true,
      errors: { GONE: z.undefined() },
    }),
    put: procedure({ input: z.number(), output: z.number() }),
    note: procedure({ input: z.number(), oneWay: true }),
    send: procedure({ upload: z.number(), output: z.number() }),
    store: procedure({ upload: bytes(), output: z.number(), idempotent: true }),
    watch: procedure({ input: After, items: Line }),
    list: procedure({ input: After, items: Line, idempotent: true }),
    follow: procedure({
      input: After,
      items: Line,
      resumeFrom: (input, last) => ({ ...input, after: last.id }),
    }),
    brokenFollow: procedure({
      input: After,
      items: Line,
      resumeFrom: () => {
        throw new Error('from resumeFrom')
      },
    }),
    echo: procedure({ upload: z.number(), items: z.number() }),
  },
})

interface Options {
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
  readonly metadata?: Metadata
  readonly windowItems?: number
  readonly windowBytes?: number
}
type Unary = (input: number, options?: Options) => Promise<number>
type Stream = (input: z.input<typeof After>, options?: Options) => CallItems
type CallItems = AsyncIterableIterator<z.infer<typeof Line>, undefined> & { started(): Promise<void> }

/** The functions of a client of that contract. */
export interface LinesClient {
  readonly get: Unary
  readonly put: Unary
  readonly note: Unary
  readonly send: (upload: unknown, options?: Options) => Promise<number>
  readonly store: (upload: unknown, options?: Options) => Promise<number>
  readonly watch: Stream
  readonly list: Stream
  readonly follow: Stream
  readonly brokenFollow: Stream
  readonly echo: (upload: unknown, options?: Options) => AsyncIterableIterator<number, undefined>
}

export interface ReplacedOptions {
  readonly client?: SideOptions
  readonly server?: SideOptions
  readonly interceptors?: readonly Interceptor[]
}

/** A client whose session the test replaces. Each session has its own connection and its own server session. */
export class ReplacedSessions {
  readonly time: VirtualClock = createVirtualClock()
  readonly again = new CallsAgain(this.time)
  readonly host = createSessionHost({ environment: this.time, turnMs: 1_000, memoryBytesMax: 2 ** 28 })
  readonly client: LinesClient
  readonly clients: Side[] = []
  readonly servers: Side[] = []
  /** The indexes of the sessions for which `fingerprintToSend` was called. */
  readonly fingerprintsOf: number[] = []
  /** All calls that were made on any session. */
  readonly made: OutgoingCall[] = []
  readonly #options: ReplacedOptions

  constructor(options: ReplacedOptions = {}) {
    this.#options = options
    this.connect()
    const world = this
    const services: CallServices = {
      get session() {
        return world.session
      },
      again: this.again,
      signals: new CallsOfSignals(),
      streamWindow: { items: 4, bytes: 1_000 },
      fingerprintToSend: (_, session) => {
        this.fingerprintsOf.push(this.clients.findIndex((side) => side.session === session))
        return undefined
      },
      hookFailed: (error) => {
        throw error
      },
      explain: (error) => error,
      explainMismatch: (_, error) => error,
    }
    const { interceptors } = options
    this.client = callFunctions('lines', lines.procedureEntries.values(), {
      services,
      interceptors,
    }) as LinesClient
  }

  /** The current session. */
  get session(): Session {
    return this.clients.at(-1)!.session
  }

  /** The current server. */
  get server(): Side {
    return this.servers.at(-1)!
  }

  /** The calls that the current server received. */
  get calls(): readonly IncomingCall[] {
    return this.server.recorder.calls
  }

  /** The last call that the current server received. */
  get call(): IncomingCall {
    return this.calls.at(-1)!
  }

  /** A session over a new connection replaces the current one. */
  connect(server: SideOptions = this.#options.server ?? {}): void {
    const pair = createMemoryPair({ clock: this.time, chunking: 'merged' })
    const { host } = this
    this.servers.push(openSide('server', this.time, new WatchedStream(pair.b), { host, ...server }))
    const side = openSide('client', this.time, new WatchedStream(pair.a), this.#options.client)
    this.clients.push(side)
    const { session } = side
    const call = session.call.bind(session)
    session.call = (...args) => {
      const made = call(...args)
      this.made.push(made)
      return made
    }
  }

  /** Another session replaces the current one, whose connection is then cut. */
  async replace(server?: SideOptions): Promise<void> {
    const before = this.clients.at(-1)!
    this.connect(server)
    before.stream.abort()
    await this.time.settle()
  }

  /** Another session replaces the current one, whose server closes and does not accept calls in flight. */
  async refuse(retryAfterMs?: number): Promise<void> {
    const { session } = this.server
    this.connect()
    session.announceEnd({ retryAfterMs })
    void session.close()
    await this.time.settle()
  }

  /** Ends everything, and checks that no timer and no error is left. */
  async end(): Promise<void> {
    for (const { session } of [...this.clients, ...this.servers]) void session.close({ graceMs: 0 })
    await this.time.advance(60_000)
    expect(this.time.timers).toEqual([])
    expect(this.clients.flatMap(({ recorder }) => recorder.uncaughtErrors)).toEqual([])
  }
}

/** A client whose first session is open. */
export async function opened(options?: ReplacedOptions): Promise<ReplacedSessions> {
  const world = new ReplacedSessions(options)
  await world.time.settle()
  return world
}

/** The value of the input of a call. */
export function inputOf({ input }: IncomingCall): unknown {
  return input.kind === 'value' ? input.value : input
}

export function line(id: number): z.infer<typeof Line> {
  return { id, text: `line ${id}` }
}

/**
 * Sends the lines from `from` to `to` while there is credit.
 *
 * @returns the number of the last one
 */
export function sendLines(call: IncomingCall, from: number, to: number): number {
  let id = from
  while (id <= to && call.canSendItem) {
    call.sendItem(value(line(id)))
    id += 1
  }
  return id - 1
}

/** The outcome of a promise. */
export class Fate<Value> {
  value: Value | undefined
  error: RpcError | undefined
  isPending = true
  readonly settled: Promise<void>

  constructor(promise: Promise<Value>) {
    this.settled = promise.then(
      (value) => {
        this.isPending = false
        this.value = value
      },
      (error: unknown) => {
        if (!RpcError.is(error)) throw error
        this.isPending = false
        this.error = error
      },
    )
  }
}
