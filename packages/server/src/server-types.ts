import type { ByteStream, FrameChannel } from '@frameport/framing'
import type {
  BackendChoice,
  BackendName,
  CompletionPort,
  Endpoint,
  ListenOptions,
} from '@frameport/iocp-core'
import type {
  Contract,
  ContractEvent,
  Metadata,
  PayloadSentOf,
  SessionCloseReason,
  TopicOf,
} from '@frameport/protocol'
import type { ClientProcedures, Interceptor } from '@frameport/protocol/calling'
import type { TopicArguments } from '@frameport/protocol/contract'
import type { AnnouncedContract } from '@frameport/protocol/envelope'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { AcceptedFrom, Acceptor, AcceptorListener } from './acceptor.ts'
import type { ServerLimitOptions } from './limits.ts'
import type { Logger } from './logger.ts'
import type { ConnectionStats, ServerStats } from './stats.ts'

/** What a client said of itself. Nothing of it is validated. */
export interface Hello {
  /** The client's `auth` option, as it came. */
  readonly auth: unknown
  readonly metadata: Metadata
  /** What the client calls or serves, by name, version and hash. */
  readonly contracts: readonly AnnouncedContract[]
}

/** The connection a call came over, as handlers and middlewares see it. A server's connection satisfies it. */
export interface HandlerConnection {
  /** Unique in this server's life. */
  readonly id: string
  /** Where the peer is, for people and logs: `tcp://127.0.0.1:51234`. */
  readonly remoteEndpoint: string
  /**
   * From now on this client gets what is published under the topic. Idempotent; undone when the connection ends.
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`; RpcError RESOURCE_EXHAUSTED for more topics than the limits allow
   */
  subscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void
  /** Undoes `subscribe`. Idempotent. */
  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void
  /**
   * Sends an event to this client only, subscribed or not.
   *
   * @throws ServerError `UNKNOWN_EVENT`, `INVALID_PAYLOAD`; ProtocolError `INVALID_TOPIC`, `INVALID_BODY`
   */
  emit<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): void
  /**
   * The procedures that this client answers: a function for each of the contract's `clientProcedures`, as a client has them for
   * those of the server.
   *
   * ```ts
   * const { isSure } = await connection.client(chat).confirm({ text }, { deadlineMs: 60_000 })
   * ```
   *
   * A call fails with UNIMPLEMENTED when the client was made without `handlers`, with UNAVAILABLE when it has not been let in yet (as
   * in the option `context`) or its connection is gone, and one that is answered once with DEADLINE_EXCEEDED after 30 s, unless it says otherwise.
   *
   * @throws ServerError `UNKNOWN_CONTRACT`
   */
  client<C extends Contract>(contract: C): ClientProcedures<C['clientProcedures']>
  /** Ends the connection: open calls get `graceMs` to finish. Settles when it is closed. Asked again, a grace that ends earlier counts. */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

/** One client. The same object is the `connection` of its handlers. */
export interface ServerConnection extends HandlerConnection {
  readonly state: 'opening' | 'open' | 'draining' | 'closed'
  /**
   * What the server's option `context` made for this client: who that is. `undefined` until it has been made; `{}` when there is
   * no such option. What middlewares add is not in it.
   */
  readonly context: unknown
  /** Calls of this client that are open. */
  readonly callsInFlight: number
  /** Bytes that wait for this client to read, events among them. */
  readonly queuedBytes: number
  /** Topics it is subscribed to. */
  readonly subscriptions: number
  /** Figures of now. They are put together when asked for. */
  stats(): ConnectionStats
  /** Settles, never rejects, once the connection is gone. */
  closed(): Promise<SessionCloseReason>
}

/** What hooks of a server can reach: they are written before there is a variable for it. */
export interface HookFacts {
  /** As `server.publish`. */
  readonly publish: Server['publish']
  /** As `server.connections`. */
  readonly connections: Server['connections']
}

/** A subscription that a client asks for. `E`: the events of the contracts that clients subscribe to. */
export interface SubscriptionFacts<Context, E extends ContractEvent = ContractEvent> extends HookFacts {
  readonly event: E
  /** Valid by the event's schema, as the client gave it: transforms have not run. `undefined` for an event without topics. */
  readonly topic: TopicOf<E>
  readonly connection: ServerConnection
  readonly context: Context
  readonly metadata: Metadata
  /**
   * Aborted when the client takes the subscription back while the hook decides, when its connection ends, and when its request is
   * cancelled. What the hook throws then is no failure.
   */
  readonly signal: AbortSignal
}

/** What is known of a connection when a server asks to which share it belongs. */
export interface ShareFacts<Context> {
  /** As the connection shows it: `tcp://192.0.2.1:51234`. */
  readonly remoteEndpoint: string
  /** Undefined when the connection has just arrived. */
  readonly context: Context | undefined
}

/** How a server calls its clients. */
export interface ClientCallOptions {
  /** Around each call, outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * Of each call that gives none itself, in milliseconds. Default: 30,000 for a call that is answered once, since a client may never answer;
   * none for the others.
   */
  readonly defaultDeadlineMs?: number | undefined
  /**
   * A call that a handler makes ends no later than the call that is handled: its deadline is the earlier one of its own and of
   * what is left there. Default true.
   */
  readonly inheritDeadline?: boolean | undefined
}

export interface ServerOptions<Context, ClientEvent extends ContractEvent = ContractEvent> {
  /**
   * Makes the context of a connection from its hello. Throw an RpcError to refuse the client: it sees the code and
   * the text. Anything else that is thrown refuses it with INTERNAL, without the text, and is logged.
   */
  readonly context?:
    | ((facts: {
        readonly hello: Hello
        readonly connection: ServerConnection
      }) => Context | Promise<Context>)
    | undefined
  /** A completion port to share. Default: one of the server's own, opened by the first `listen`. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of the server's own port. Default `auto`. */
  readonly backend?: BackendChoice | undefined
  /** Where the server writes. Default: warnings and errors, on the console. False: nowhere. */
  readonly log?: Logger | false | undefined
  /** Of the server and of each connection's session; the defaults are in `serverLimits` and `defaultConnectionLimits`. */
  readonly limits?: ServerLimitOptions | undefined
  /** Clock, timers and randomness. Default: the real ones. */
  readonly environment?: SessionEnvironment | undefined
  /**
   * Says whether a client may have the events of a topic: `true`, or it is refused with PERMISSION_DENIED. Throw an RpcError
   * to refuse it otherwise. Required, by the compiler too, when a contract has an event with `subscribe: 'clients'`; not
   * asked for any other event. It runs as a handler does: it takes a slot of the client and counts as a handler.
   */
  readonly authorizeSubscribe?:
    | ((facts: SubscriptionFacts<Context, ClientEvent>) => boolean | Promise<boolean>)
    | undefined
  /** A client has been let in. One that throws, or whose promise rejects, closes the connection and is logged. */
  readonly onConnection?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /** A client has gone. Once for each context that was made, even if the client left before it was let in. What it throws is logged. */
  readonly onDisconnect?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
          readonly reason: SessionCloseReason
        },
      ) => void)
    | undefined
  /**
   * Check outputs, items, event payloads and the data of failures before they are sent, and leave out the members that
   * their schemas leave out: a row of a table does not leak its other columns. A member stays if the schema would make
   * something else of the value without it, which only a transform that gives another shape does.
   *
   * Default true. False sends what handlers give as it is: all of its members reach the client, whose own check hides them
   * from the program there, and from nobody else. Event schemas have to be synchronous unless it is false.
   */
  readonly validateOutputs?: boolean | undefined
  /** How calls of `connection.client(contract)` are made. */
  readonly clientCalls?: ClientCallOptions | undefined
  /**
   * Refuse a call (FAILED_PRECONDITION) whose procedure the client knows with another fingerprint than this server.
   * Default false: a difference refuses nothing, and what does not fit a schema fails where it is received.
   */
  readonly strict?: boolean | undefined
  /**
   * Names the share that a connection belongs to: connections, handlers, refusals and log lines of one share are bounded
   * together (`connectionsPerShareMax` and the like). Asked as a connection arrives, and once more when its context is
   * made, so that a principal can take the place of an address. Undefined for one that is not counted.
   *
   * One that throws, or gives no text or an empty one, closes the connection and is logged. Default: {@link addressShare} of
   * `remoteEndpoint`.
   */
  readonly shareKey?: ((facts: ShareFacts<Context>) => string | undefined) | undefined
}

/** Options that a server cannot do without: the context of its handlers, and who may subscribe. */
export type RequiredServerOptions<Context, ClientEvent> =
  | (keyof Context extends never ? never : 'context')
  | ([ClientEvent] extends [never] ? never : 'authorizeSubscribe')

/** `options` may be left out when the handlers ask for no context and no event is subscribed to by clients. */
export type ServerOptionsArguments<Context, ClientEvent extends ContractEvent = never> = [
  RequiredServerOptions<Context, ClientEvent>,
] extends [never]
  ? [options?: ServerOptions<Context, ClientEvent>]
  : [
      options: ServerOptions<Context, ClientEvent> & {
        // Neither left out nor undefined.
        readonly [Name in RequiredServerOptions<Context, ClientEvent>]: NonNullable<
          ServerOptions<Context, ClientEvent>[Name]
        >
      },
    ]

/** The compiler's words for options that were left out. */
interface AdviceTexts {
  readonly context: 'Give { context } to createServer: the handlers were declared with $context'
  readonly authorizeSubscribe: 'Give { authorizeSubscribe } to createServer: clients subscribe to an event of the contract'
}

/** What an implementation would have to be for `createServer` to need no options: the text that the compiler shows. */
export type OptionsAdvice<Context, ClientEvent> = AdviceTexts[RequiredServerOptions<Context, ClientEvent>]

/** A listener of the server's own transport. */
export interface ServerListener extends AcceptorListener {
  readonly backend: BackendName
  readonly endpoint: Endpoint
  /** With the real port: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** One for each address of a name, all with the same port. The first is `url`. */
  readonly urls: readonly string[]
  /** Stops accepting here; connections live on. Idempotent. */
  close(): Promise<void>
  /** As `close()`: `await using listener = await server.listen(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * What became of an event that was published. It can be ignored. Awaited it gives the number of subscribers whose
 * connections took the event, once it waits for none any more: so that who publishes much goes no faster than its
 * subscribers read. A subscriber that does not keep up is disconnected, and not waited for longer than that takes
 * (`slowSubscriberMs` and a tenth). It never rejects. Events that nobody waits for (see `whenSlow`) give the number at once.
 */
export interface Publication extends PromiseLike<number> {
  /** Subscribers that have the event, or for which it waits behind what they have not read yet. */
  readonly reached: number
  /** How many of those it waits for. */
  readonly waiting: number
  /** Subscribers that do not get it: there is no room, or it is too long for them. They are told of a gap. */
  readonly leftOut: number
}

export interface Server {
  /** Those that are open, and those whose hello has not come yet. */
  readonly connections: ReadonlySet<ServerConnection>
  /** Figures of now. They are put together when asked for. */
  stats(): ServerStats
  /**
   * Listens. May be called for several endpoints.
   *
   * @throws IocpError of the port (`ADDRESS_IN_USE`, …), ServerError `SERVER_CLOSED`, `INVALID_OPTION`
   */
  listen(endpoint: Endpoint | string, options?: ListenOptions): Promise<ServerListener>
  /**
   * Listens on a transport of any make. Its options were given to what made the acceptor.
   *
   * @throws what the acceptor says; ServerError `SERVER_CLOSED`, at once when the server closes meanwhile, `INVALID_OPTION`
   *   for what is no acceptor, or gives no listener
   */
  listen(acceptor: Acceptor): Promise<AcceptorListener & AsyncDisposable>
  /**
   * Serves a connection of any make, a stream of bytes or a channel of frames: an end of an in-memory pair, a tunnel.
   *
   * @throws ServerError `CONNECTIONS_MAX`, `CONNECTIONS_PER_SHARE_MAX`, `SHARE_KEY_FAILED`, `SERVER_CLOSED`; the stream has been aborted then. `INVALID_OPTION` for what
   *   is no stream: nothing was done with it
   */
  accept(connection: ByteStream | FrameChannel, from?: AcceptedFrom): ServerConnection
  /**
   * Sends an event to each connection that is subscribed to the topic. It is encoded once for all of them, and only when
   * there are some. Topic and payload are checked also when there are none: a wrong one throws the same error then.
   *
   * What a subscriber has no room for waits for it, held once for all: up to `slowSubscriberBytesMax`, and for
   * `slowSubscriberMs`. The event's `whenSlow` says what becomes of it then. Nobody is judged within the turn in which it
   * was published, so a burst does no harm to those who read.
   *
   * ```ts
   * server.publish(chat.events.line, { room }, line)               // as it comes
   * for (const line of book) await server.publish(chat.events.line, { room }, line)  // no faster than they read
   * ```
   *
   * @throws ServerError `UNKNOWN_EVENT`, `INVALID_PAYLOAD`; ProtocolError `INVALID_TOPIC`, `INVALID_BODY`
   */
  publish<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): Publication
  /**
   * Stops accepting, tells every client to start no more calls, gives open ones `graceMs` (the session's
   * `closeGraceMs` unless told), aborts what is left, and settles when every connection and timer is gone.
   * Idempotent; asked again with a `graceMs` that ends earlier, it waits no longer than that. Never waits for a handler that ignores its signal, and for a listener or an acceptor not longer than
   * `transportCloseTimeoutMs`. What fails meanwhile is in the log: it keeps nothing else from being closed, and the
   * promise does not reject for it.
   *
   * @throws ServerError `INVALID_OPTION`, by a rejection; nothing was closed then
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** As `close()`: `await using server = createServer(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
