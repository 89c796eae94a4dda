import {
  type ClientConnection,
  type ClientOptions,
  createClient,
  type Interceptor,
  type Listening,
} from '@frameport/client'
import type { Contract } from '@frameport/protocol'
import { checkedCloseOptions } from '@frameport/protocol/checks'
import { createServer, type Implementation, type Server, type ServerOptions } from '@frameport/server'
import { createMemoryPair, TestingError } from '@frameport/testing'
import { type CheckedTestOptions, refusal } from './check-test-options.ts'
import { ProcessHold } from './process-hold.ts'
import { ServerLog } from './server-log.ts'
import { watchedCalls } from './watched-calls.ts'

/** The members of every client, whatever its contract. */
interface AnyClient {
  readonly $connection: ClientConnection
  $on(...args: readonly unknown[]): Listening
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

/** A server under test, and the clients of it. */
export class TestedServer {
  /** The object for users: a TestClient of the contract. */
  readonly client: object
  readonly #contract: Contract
  readonly #options: CheckedTestOptions
  readonly #log: ServerLog
  readonly #server: Server
  readonly #watched: Interceptor
  readonly #hold = new ProcessHold()
  readonly #clients = new Set<AnyClient>()
  #closing: Promise<void> | undefined

  constructor(implementation: Implementation<never, unknown>, options: CheckedTestOptions) {
    this.#contract = implementation.contract
    this.#options = options
    this.#log = new ServerLog(options.log)
    this.#server = createServer(implementation as Implementation<object>, serverOptions(options, this.#log))
    this.#watched = watchedCalls(this.#log, this.#hold)
    const client = this.#open(options.client)
    this.client = Object.freeze({
      ...client,
      $server: this.#server,
      $log: this.#log.entries,
      $connect: (more: ClientOptions = {}) => this.#another(more),
      $takeFailures: () => this.#log.takeFailures().map(({ facts }) => facts.err),
      $close: (given: { readonly graceMs?: number | undefined } = {}) => this.#close(given),
      [Symbol.asyncDispose]: () => this.#close({ graceMs: 0 }),
    })
  }

  /** The client, with explanations for failures from all of its methods. */
  #open(options: ClientOptions): AnyClient {
    const { clock, network } = this.#options
    const pair = createMemoryPair({ ...network, ...(clock === undefined ? {} : { clock }) })
    const client: AnyClient = createClient(this.#contract, pair.a, {
      ...options,
      ...(clock === undefined ? {} : { environment: clock }),
      interceptors: withLast(options.interceptors, this.#watched),
    })
    this.#server.accept(pair.b)
    this.#clients.add(client)
    // Each caller gets its own error. The log reports an error without a caller, too.
    const opened = () => this.#explained(() => client.$connection.opened())
    opened().catch(() => undefined)
    const $connection = Object.freeze(
      Object.create(client.$connection, { opened: { value: opened, enumerable: true } }),
    ) as AnyClient['$connection']
    const $on: AnyClient['$on'] = (...args) => {
      const listening = client.$on(...args)
      // Created when it is read: a rejection that nobody reads causes a warning on the console.
      const subscribed = () => this.#explained(() => listening.subscribed)
      return withSubscribed(listening, subscribed)
    }
    return { ...client, $connection, $on }
  }

  async #explained<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run()
    } catch (error) {
      this.#log.explain(error)
      throw error
    }
  }

  #another(options: ClientOptions): AnyClient {
    const client = this.#open(options)
    const $close = (given: { readonly graceMs?: number | undefined } = {}) =>
      this.#settled(() => client.$close(given))
    return Object.freeze({ ...client, $close, [Symbol.asyncDispose]: () => $close({ graceMs: 0 }) })
  }

  async #close(given: { readonly graceMs?: number | undefined }): Promise<void> {
    // Checked here, where the stack contains the caller. Clients and server would reject them, too.
    checkedCloseOptions(given, refusal)
    this.#closing ??= this.#settled(async () => {
      await Promise.all([...this.#clients].map((client) => client.$close(given)))
      await this.#server.close(given)
    }).catch((error: unknown) => {
      // Rejected options close nothing: the next attempt may be valid.
      this.#closing = undefined
      throw error
    })
    await this.#closing
    const failures = this.#log.takeFailures()
    if (failures.length === 0) return
    const causes = failures.map(({ facts }) => facts.err)
    throw new TestingError('SERVER_FAILED', `The log says: ${failures.map(({ text }) => text).join('; ')}.`, {
      cause:
        causes.length === 1
          ? causes[0]
          : new AggregateError(causes, 'Several operations failed in the server'),
    })
  }

  /** Closing waits for timers that no other code would move or keep alive. */
  #settled(run: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    return this.#hold.during(() => (clock === undefined ? run() : clock.until(run())))
  }
}

function serverOptions(
  { context, authorizeSubscribe, clock, server }: CheckedTestOptions,
  log: ServerLog,
): ServerOptions<object> {
  const make = typeof context === 'function' ? context : () => context
  const given: unknown = {
    ...server,
    ...(context === undefined ? {} : { context: make }),
    ...(authorizeSubscribe === undefined ? {} : { authorizeSubscribe }),
    ...(clock === undefined ? {} : { environment: clock }),
    log,
  }
  return given as ServerOptions<object>
}

/** A value that is not an array is passed to the client unchanged, which rejects it. */
function withLast(given: ClientOptions['interceptors'], last: Interceptor): readonly Interceptor[] {
  if (given === undefined) return [last]
  return Array.isArray(given) ? [...given, last] : given
}

/** The same registration, whose promise is created when it is read. */
function withSubscribed(listening: Listening, subscribed: () => Promise<void>): Listening {
  const stop = () => listening()
  for (const key of Object.getOwnPropertySymbols(listening))
    Object.defineProperty(stop, key, Object.getOwnPropertyDescriptor(listening, key) ?? {})
  return Object.freeze(Object.defineProperty(stop, 'subscribed', { get: subscribed })) as Listening
}
