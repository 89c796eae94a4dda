import type { BackendChoice, CompletionPort } from '@frameport/iocp-core'
import type { ContractEvent, Metadata, SessionCloseReason, TopicOf } from '@frameport/protocol'
import type { Interceptor } from '@frameport/protocol/calling'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Hello, ServerConnection } from './connection-types.ts'
import type { EventBus } from './event-bus.ts'
import type { EventLogOption } from './event-log.ts'
import type { ServerLimitOptions } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Server } from './server-types.ts'

/** The parts of the server that its hooks get, because a hook is written before the server exists. */
export interface HookFacts {
  /** The same as `server.publish`. */
  readonly publish: Server['publish']
  /** The same as `server.connections`. */
  readonly connections: Server['connections']
}

/**
 * The argument of `authorizeSubscribe`: a subscription that a client requests. `E`: the events with
 * `subscribe: 'clients'` of the contracts.
 */
export interface SubscriptionFacts<Context, E extends ContractEvent = ContractEvent> extends HookFacts {
  /** The event, the same object as in the contract: compare it with `===`. */
  readonly event: E
  /**
   * The topic, validated by the schema of the event, as the client sent it: without transforms. `undefined` for an
   * event without topics.
   */
  readonly topic: TopicOf<E>
  /** The connection of the client. */
  readonly connection: ServerConnection
  /** The context of the connection. */
  readonly context: Context
  /** The metadata of the request. */
  readonly metadata: Metadata
  /**
   * Aborted when the client ends the subscription while the hook decides, when its connection ends, and when its
   * request is cancelled. An error that the hook throws afterwards is only logged at the level debug.
   */
  readonly signal: AbortSignal
}

/** The argument of `shareKey`. */
export interface ShareFacts<Context> {
  /** The `remoteEndpoint` of the connection: `tcp://192.0.2.1:51234`. */
  readonly remoteEndpoint: string
  /** The context of the connection. Undefined in the first call, when the connection has just arrived. */
  readonly context: Context | undefined
}

/** The argument of `principal`. */
export interface PrincipalFacts<Context> {
  /** The result of the option `context`, or of `renewContext` for new credentials. */
  readonly context: Context
  /**
   * The first message of the client. Its `auth` has new credentials that the client gave by itself; the answer to a
   * challenge does not change it.
   */
  readonly hello: Hello
}

/**
 * Asks a client for more credentials, with a JSON value or bytes. Resolves with the answer of the client, which is not
 * validated: a JSON value or bytes, or `undefined` if the client has no answer.
 */
export type ChallengeFunction = (challenge: unknown) => Promise<unknown>

/** The argument of `renewContext`: new credentials of a connected client. */
export interface CredentialsFacts<Context> {
  /**
   * The credentials as the client sent them, a JSON value or bytes. `undefined` if it has no answer to the challenge.
   */
  readonly auth: unknown
  /** The argument of `connection.challenge`. `undefined` if the client gives new credentials by itself. */
  readonly challenge: unknown
  /** True if the credentials are the answer to a challenge. */
  readonly isAnswer: boolean
  /** The connection of the client. */
  readonly connection: ServerConnection
  /** The current context. It stays if `renewContext` throws. No hook is called when the new context replaces it. */
  readonly context: Context
}

/** The option `clientCalls`: how a server calls its clients. */
export interface ClientCallOptions {
  /** Functions that run around each call, the outermost first. Default: none. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * The deadline of calls that set none themselves, in milliseconds, over 0. Infinity: no deadline. Default: 30,000 for
   * unary calls, since a client may never answer, and no deadline for other calls.
   */
  readonly defaultDeadlineMs?: number | undefined
  /**
   * Limits the deadline of a call that a handler makes to the deadline of the call that it handles. Default: true.
   */
  readonly inheritDeadline?: boolean | undefined
}

/**
 * The options of `createServer`. All of them are optional unless the handlers or contracts require one: see
 * {@link RequiredServerOptions}.
 */
export interface ServerOptions<Context, ClientEvent extends ContractEvent = ContractEvent> {
  /**
   * Makes the context of a connection, an object, from the first message of the client. Throw an RpcError to refuse the
   * client, which gets its code and text. Any other error refuses the client with INTERNAL, without the text, and is
   * logged. Default: the context is `{}`.
   *
   * Also called when a client comes back to its session, with a `connection` object that ends immediately afterwards:
   * data that you keep for a client belongs in `onConnection`.
   */
  readonly context?:
    | ((facts: {
        /** The first message of the client. */
        readonly hello: Hello
        /** The connection, in the state `opening`. */
        readonly connection: ServerConnection
        /**
         * Asks the client for more, such as a proof or a second factor. Up to `challengesMax` times, one at a time, all
         * within `helloTimeoutMs`. Rejects with an RpcError, which refuses the client unless you catch it.
         */
        readonly challenge: ChallengeFunction
      }) => Context | Promise<Context>)
    | undefined
  /**
   * Makes a new context from new credentials: those that the client gives before the old ones expire, and the answer to
   * `connection.challenge`. Later calls get the new context; running calls keep the old one. Throw an RpcError to
   * refuse the credentials: the client gets its code and text, and the old context stays (close the connection if it
   * must not). Any other error refuses them with INTERNAL, and is logged. A result that comes later than
   * `credentialsTimeoutMs` is ignored.
   *
   * Make sure that it is still the same client, because the connection keeps its subscriptions: give the option
   * `principal`, with which the server refuses another client with PERMISSION_DENIED, or check it here. Default: new
   * credentials are refused with UNIMPLEMENTED.
   */
  readonly renewContext?: ((facts: CredentialsFacts<Context>) => Context | Promise<Context>) | undefined
  /**
   * A completion port to use, which the server does not close. Default: the first `listen` opens one, which the server
   * closes.
   */
  readonly completionPort?: CompletionPort | undefined
  /** The I/O back end of the server's own completion port. Default: `auto`. Ignored if `completionPort` is given. */
  readonly backend?: BackendChoice | undefined
  /** The logger. Default: warnings and errors go to the console. `false`: no log. */
  readonly log?: Logger | false | undefined
  /**
   * Limits of the server, and of the session of each connection. The defaults are {@link serverLimits}, and
   * `defaultConnectionLimits` and `defaultResumeLimits` of `@frameport/protocol/session`.
   */
  readonly limits?: ServerLimitOptions | undefined
  /** Clock, timers and randomness, for tests. Default: those of the platform. */
  readonly environment?: SessionEnvironment | undefined
  /**
   * Decides whether a client may subscribe to a topic: it may if the result is `true`, and is otherwise refused with
   * PERMISSION_DENIED. Throw an RpcError to refuse it with another code. Required if a contract has an event with
   * `subscribe: 'clients'`, and only called for such events. It counts as a handler and as a call in flight of the
   * client.
   */
  readonly authorizeSubscribe?:
    | ((facts: SubscriptionFacts<Context, ClientEvent>) => boolean | Promise<boolean>)
    | undefined
  /**
   * Whether the session of a client that asks for it continues over another connection when its connection is lost, so
   * that open calls are neither lost nor run twice. Default: true, except for a peer whose URL has the scheme
   * `memory:`, `unix:` or `pipe:`.
   */
  readonly resume?: boolean | undefined
  /**
   * Identifies the client: only the same principal may continue a session, in addition to the secret of the session.
   * Called after the context is made, for each connection, and for new credentials, which are refused if they belong to
   * another principal. Return undefined for a client without an identity. Throw an RpcError to refuse the client, which
   * gets its code and text. Any other error, or a result that is not a string, refuses it with INTERNAL, and is logged.
   *
   * Default: the same credentials, byte for byte, or those that `renewContext` has accepted since; the server keeps a
   * digest of both. Credentials that change from one connection to the next, such as tokens that expire, need a
   * `principal`: `({ context }) => context.user.id`.
   */
  readonly principal?: ((facts: PrincipalFacts<Context>) => string | undefined) | undefined
  /**
   * Events to keep, and the logs that keep them. Each event is sent with its position in the log, and a client that
   * subscribes again receives the events that it has missed. Default: no event is kept.
   *
   * ```ts
   * createServer(implementation, { eventLogs: [{ log: memoryEventLog(), events: [chat.events.line] }], … })
   * ```
   */
  readonly eventLogs?: readonly EventLogOption[] | undefined
  /**
   * Carries events between this server and others, in other threads or on other machines. The result of `publish` then
   * also waits for the bus, and rejects with ServerError `BUS_FAILED` if the bus fails; subscribers of this server get
   * the event nevertheless. Events that a log keeps do not use the bus: their log must be one that servers can share
   * (`EventLog.follow`). Default: no other servers.
   */
  readonly eventBus?: EventBus | undefined
  /**
   * The maximum age of a connection, in milliseconds, at least 1, plus or minus a tenth: so that clients move to
   * servers that were started later. At that age the client is asked to make its new calls elsewhere; after
   * `closeGraceMs` the connection is closed, with that grace for open calls. Default: no maximum.
   */
  readonly maxConnectionAgeMs?: number | undefined
  /**
   * Called when the server has let a client in. If it throws or rejects, the connection is closed and the error is
   * logged.
   */
  readonly onConnection?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /**
   * Called when a client has lost its connection and its session waits for another one, for `resumeWindowMs`.
   * `onResumed` or `onDisconnect` follows. Errors are logged.
   */
  readonly onDetached?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
          readonly reason: SessionCloseReason
        },
      ) => void)
    | undefined
  /**
   * Called when a detached client has come back. Its session continues with the context that it had. Errors are logged.
   */
  readonly onResumed?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /**
   * Called when a client has gone for good: once for each result of the option `context`, even if the client left
   * before the server let it in, except for those that `onContextDropped` gets. Errors are logged.
   */
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
   * Called with the context that was made when a client came back to its session, which continues with the context that
   * it had: release the resources of the unused context here. `connection` is that of the session. Errors are logged.
   */
  readonly onContextDropped?:
    | ((
        facts: HookFacts & {
          readonly connection: ServerConnection
          readonly context: Context
        },
      ) => void)
    | undefined
  /**
   * Whether to validate outputs, items, event payloads and the data of failures before they are sent, and to remove the
   * members that their schemas remove, so that a database row does not leak other columns. A member stays if the schema
   * would give another result without it, which is only so for a transform to another shape. Schemas of events must
   * then be synchronous. Default: true.
   *
   * `false` sends the values of handlers unchanged: all their members travel to the client, and only the client's own
   * validation removes them.
   */
  readonly validateOutputs?: boolean | undefined
  /** Options of the calls of `connection.client(contract)`. */
  readonly clientCalls?: ClientCallOptions | undefined
  /**
   * Whether to refuse a call with FAILED_PRECONDITION if the client has another fingerprint of the procedure than this
   * server. Default: false. A value that does not match a schema then fails where it is received.
   */
  readonly strict?: boolean | undefined
  /**
   * Returns the name of the share that a connection belongs to. The connections, handlers, refusals and log lines of a
   * share are limited together, by `connectionsPerShareMax` and similar limits. Called when a connection arrives, and
   * again when its context is made, so that a user can replace an address. Return undefined for a connection that is
   * not counted. A session that continues over another connection belongs to the share of that connection.
   *
   * If it throws, or returns no string or an empty one, the connection is closed and the error is logged. Default:
   * {@link addressShare} of `remoteEndpoint`.
   */
  readonly shareKey?: ((facts: ShareFacts<Context>) => string | undefined) | undefined
}

/**
 * The names of the options that are required: `context` if the handlers declare a context, and `authorizeSubscribe` if
 * clients can subscribe to an event.
 */
export type RequiredServerOptions<Context, ClientEvent> =
  | (keyof Context extends never ? never : 'context')
  | ([ClientEvent] extends [never] ? never : 'authorizeSubscribe')

/** The arguments of `createServer` after the implementations. `options` can be omitted if no option is required. */
export type ServerOptionsArguments<Context, ClientEvent extends ContractEvent = never> = [
  RequiredServerOptions<Context, ClientEvent>,
] extends [never]
  ? [options?: ServerOptions<Context, ClientEvent>]
  : [
      options: ServerOptions<Context, ClientEvent> & {
        // Required, and not undefined.
        readonly [Name in RequiredServerOptions<Context, ClientEvent>]: NonNullable<
          ServerOptions<Context, ClientEvent>[Name]
        >
      },
    ]

/** The texts that the compiler shows for a missing option. */
interface AdviceTexts {
  readonly context: 'Give { context } to createServer: the handlers were declared with $context'
  readonly authorizeSubscribe: 'Give { authorizeSubscribe } to createServer: clients subscribe to an event of the contract'
}

/** A type whose text the compiler shows when required options of `createServer` are missing. */
export type OptionsAdvice<Context, ClientEvent> = AdviceTexts[RequiredServerOptions<Context, ClientEvent>]
