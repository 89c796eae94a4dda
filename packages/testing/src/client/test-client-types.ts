import type { Client, ClientOptions } from '@frameport/client'
import type { Contract, ContractEvent } from '@frameport/protocol'
import type { Logger, RequiredServerOptions, Server, ServerOptions } from '@frameport/server'
import type { PairOptions, VirtualClock } from '@frameport/testing'
import type { LogEntry } from './server-log.ts'

/** Those of a server that a test client does not set itself. */
export type TestServerOptions<Context, ClientEvent extends ContractEvent> = Omit<
  ServerOptions<Context, ClientEvent>,
  'authorizeSubscribe' | 'backend' | 'completionPort' | 'context' | 'environment' | 'log'
>

/**
 * The options of the client, and with them those of its server.
 *
 * @typeParam C the contract whose `handlers` these options may have. Default: none
 */
export interface TestClientOptions<
  Context,
  ClientEvent extends ContractEvent = ContractEvent,
  C extends Contract = never,
> extends Omit<ClientOptions<C>, 'environment'> {
  /** The context of every connection, or what makes it of a hello, as the option of a server does. */
  readonly context?: Context | NonNullable<ServerOptions<Context>['context']> | undefined
  /** As the option of a server, and required where that is. */
  readonly authorizeSubscribe?: ServerOptions<Context, ClientEvent>['authorizeSubscribe'] | undefined
  /**
   * Virtual time for both sides and for the network between them. What waits for it (a deadline, a heartbeat, latency) needs
   * `clock.until(promise)` or `clock.advance(ms)`. Default: the real time of the process, which fake timers do not stop.
   */
  readonly clock?: VirtualClock | undefined
  /** The connection between them. Default: no latency, chunks as they were sent. */
  readonly network?: Omit<PairOptions, 'clock'> | undefined
  /** Gets what the server logs, too. Default: only `$log` has it. */
  readonly log?: Logger | undefined
  /** Further options of the server: its limits, `onConnection`, `strict` and the like. */
  readonly server?: TestServerOptions<Context, ClientEvent> | undefined
}

/** `options` may be left out when the handlers ask for no context and no event is subscribed to by clients. */
export type TestClientArguments<Context, ClientEvent extends ContractEvent, C extends Contract = never> = [
  RequiredServerOptions<Context, ClientEvent>,
] extends [never]
  ? [options?: TestClientOptions<Context, ClientEvent, C>]
  : [
      options: TestClientOptions<Context, ClientEvent, C> & {
        // Neither left out nor undefined.
        readonly [Name in RequiredServerOptions<Context, ClientEvent>]: NonNullable<
          TestClientOptions<Context, ClientEvent, C>[Name]
        >
      },
    ]

/** What a test client has beside the client. Names that begin with `$` cannot be taken by a contract. */
export interface TestControls<C extends Contract> {
  /** The server of this client: to publish, and to look at its connections. */
  readonly $server: Server
  /** What the server wrote to its log, oldest first, at every level. */
  readonly $log: readonly LogEntry[]
  /**
   * Another client of the same server, with options of its own: of another user, for instance. It is closed with this one,
   * or by itself.
   */
  $connect(options?: Omit<ClientOptions<NoInfer<C>>, 'environment'>): Client<C> & AsyncDisposable
  /**
   * What failed in the server and no call told of, oldest first: a hook, an event, a handler whose client had gone. What was
   * taken here does not fail `$close` any more.
   */
  $takeFailures(): readonly unknown[]
  /**
   * Ends this client, those of `$connect`, and the server; open calls get `graceMs` to finish (the session's `closeGraceMs`
   * unless told). Settles when nothing is left. With a virtual clock it moves time as far as that needs. Idempotent.
   *
   * @throws TestingError `SERVER_FAILED`, by a rejection and once everything is closed, when something failed in the server that no
   *   call told of and `$takeFailures` did not take; the `cause` is what was thrown. `INVALID_OPTION`; nothing was closed then
   */
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** As `$close({ graceMs: 0 })`: the test is over. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A typed client with its own server behind it. */
export type TestClient<C extends Contract> = Omit<Client<C>, keyof TestControls<C>> & TestControls<C>
