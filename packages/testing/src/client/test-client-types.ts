import type { Client, ClientOptions } from '@frameport/client'
import type { Contract, ContractEvent } from '@frameport/protocol'
import type { Logger, RequiredServerOptions, Server, ServerOptions } from '@frameport/server'
import type { PairOptions, VirtualClock } from '@frameport/testing'
import type { LogEntry } from './server-log.ts'

/** The options of a server that a test client does not set itself. */
export type TestServerOptions<Context, ClientEvent extends ContractEvent> = Omit<
  ServerOptions<Context, ClientEvent>,
  'authorizeSubscribe' | 'backend' | 'completionPort' | 'context' | 'environment' | 'log'
>

/**
 * Options of {@link createTestClient}: those of the client, and options of its server.
 *
 * @typeParam C the contract whose `handlers` these options may have. Default: none
 */
export interface TestClientOptions<
  Context,
  ClientEvent extends ContractEvent = ContractEvent,
  C extends Contract = never,
> extends Omit<ClientOptions<C>, 'environment'> {
  /**
   * The context of every connection, or a function that makes it from the hello, like the option `context` of a server.
   */
  readonly context?: Context | NonNullable<ServerOptions<Context>['context']> | undefined
  /** The option `authorizeSubscribe` of the server. Required if the contract has events that clients subscribe to. */
  readonly authorizeSubscribe?: ServerOptions<Context, ClientEvent>['authorizeSubscribe'] | undefined
  /**
   * The virtual clock of both sides and of the connection between them. Use `clock.until(promise)` or `clock.advance(ms)` for everything that waits: deadlines,
   * heartbeats, latency. Default: the real time of the process, which fake timers do not stop.
   */
  readonly clock?: VirtualClock | undefined
  /** Options of the connection between client and server. Default: no latency, chunks as they were sent. */
  readonly network?: Omit<PairOptions, 'clock'> | undefined
  /** A logger that also gets the lines of the server. Default: only `$log` has them. */
  readonly log?: Logger | undefined
  /** Further options of the server, such as `limits`, `onConnection` and `strict`. */
  readonly server?: TestServerOptions<Context, ClientEvent> | undefined
}

/** The options argument of {@link createTestClient}. It is optional if the handlers need no context and clients cannot subscribe to events. */
export type TestClientArguments<Context, ClientEvent extends ContractEvent, C extends Contract = never> = [
  RequiredServerOptions<Context, ClientEvent>,
] extends [never]
  ? [options?: TestClientOptions<Context, ClientEvent, C>]
  : [
      options: TestClientOptions<Context, ClientEvent, C> & {
        // Neither omitted nor undefined.
        readonly [Name in RequiredServerOptions<Context, ClientEvent>]: NonNullable<
          TestClientOptions<Context, ClientEvent, C>[Name]
        >
      },
    ]

/** The members of a test client besides those of a client. Contracts cannot use names that begin with `$`. */
export interface TestControls<C extends Contract> {
  /** The server of this client, to publish events and to inspect its connections. */
  readonly $server: Server
  /** The lines that the server wrote to its log, at every level, oldest first. */
  readonly $log: readonly LogEntry[]
  /**
   * Makes another client of the same server with its own options, for example for another user. Close it yourself, or it is closed with this
   * client.
   *
   * @example
   * await using bob = client.$connect({ metadata: { user: 'bob' } })
   */
  $connect(options?: Omit<ClientOptions<NoInfer<C>>, 'environment'>): Client<C> & AsyncDisposable
  /**
   * Returns the errors in the server that no call reported, oldest first: of a hook, of an event, of a handler whose client was closed. `$close` does
   * not reject because of errors that this has returned.
   */
  $takeFailures(): readonly unknown[]
  /**
   * Closes this client, those of `$connect`, and the server. Open calls get `graceMs` milliseconds to finish (default: the limit `closeGraceMs` of the
   * session). Resolves when everything is closed. With a virtual clock, it moves time as far as needed. Idempotent.
   *
   * @throws TestingError rejects with `SERVER_FAILED`, after everything is closed, if an operation failed in the server and neither a call nor
   *   `$takeFailures` reported it; `cause` is the error, or an AggregateError of several. Rejects with `INVALID_OPTION`; nothing is closed then
   */
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** Calls `$close({ graceMs: 0 })`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A typed client with its own server. {@link createTestClient} makes one. */
export type TestClient<C extends Contract> = Omit<Client<C>, keyof TestControls<C>> & TestControls<C>
