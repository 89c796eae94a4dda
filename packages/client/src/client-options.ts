import type { Contract, Metadata, RpcError } from '@frameport/protocol'
import type { Interceptor } from '@frameport/protocol/calling'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientHandlers, ClientMiddleware, HandlerFailure } from './client-handlers.ts'
import type { CredentialsFunction, CredentialsValue } from './credentials-types.ts'
import type { ClientLimitOptions } from './limits.ts'
import type { ConnectionChange, ReconnectOptions, SessionStart } from './reconnect-types.ts'
import type { ServerDifference } from './server-difference.ts'

/**
 * The options of every client. The transports add their own: see `TcpOptions`, `ClientTlsOptions` and `WebSocketOptions`. `createClient`
 * checks all options when it is called, and throws ClientError `INVALID_OPTION` for an unknown or invalid one.
 *
 * @typeParam C the contract whose `handlers` these options may have: `ClientOptions<typeof chat>`. Default: none, for a client of any contract
 */
export interface ClientOptions<C extends Contract = never> {
  /**
   * Credentials, sent in the hello. Either a value that JSON can carry, or bytes, or a {@link CredentialsFunction} that returns one or a
   * promise of one. Default: no credentials.
   *
   * The function is called before each attempt to connect (and must settle within `connectTimeoutMs`), to answer a challenge of the
   * server, and by `$connection.renewAuth()`. If it throws, the attempt to connect fails, or the challenge stays unanswered. If it throws
   * an RpcError with which a server would reject a client for good, such as UNAUTHENTICATED, the client ends.
   *
   * The credentials may take `helloBytesMax` bytes: `createClient` throws for a longer value.
   *
   * @example
   * ```ts
   * createClient(chat, url, { auth: async ({ reason }) => await fetchToken(reason) })
   * ```
   */
  readonly auth?: CredentialsFunction | CredentialsValue | undefined
  /** Strings by name, sent once, in the hello. Default: none. */
  readonly metadata?: Metadata | undefined
  /**
   * How the client reconnects after it has lost its connection. `false`: the client ends with its first connection. Default: it reconnects,
   * unless it was given a connection instead of an address or a connector. The first connection is tried only once, unless `first` is set.
   */
  readonly reconnect?: false | ReconnectOptions | undefined
  /**
   * Whether the session may continue over another connection, so that open calls and streams do not notice the loss. The server must allow
   * it, too. Default: true if the client reconnects, but not over `memory:`, `unix:` and `pipe:`.
   */
  readonly resume?: boolean | undefined
  /**
   * What happens to a call that is made after the connection was lost. Default `wait`.
   *
   * - `wait`: the call waits for the next connection, within `callsQueuedMax`, `callBytesQueuedMax` and its deadline
   * - `fail`: the call fails at once with UNAVAILABLE. A call whose session ends during the outage is not made again either, even if it is
   *   idempotent. Until then (`resumeWindowMs`) a call that was already sent continues once there is a connection, and a stream with
   *   `resumeFrom` does so later, too.
   *
   * Calls made before the first connection always wait.
   */
  readonly offline?: 'wait' | 'fail' | undefined
  /**
   * Called when `$connection.state` has changed, and after each failed attempt to connect while there is no connection.
   */
  readonly onStateChange?: ((change: ConnectionChange) => void) | undefined
  /**
   * Called when a session has its connection: the first session, a session that continues (`resumed`), and a new
   * session that replaces another one and of which the server knows nothing. The client itself subscribes again to its
   * topics.
   */
  readonly onSession?: ((start: SessionStart) => void) | undefined
  /** The deadline of calls that set none, in milliseconds, over 0. Default: no deadline. */
  readonly defaultDeadlineMs?: number | undefined
  /**
   * Whether a call that a handler makes ends no later than the call being handled: the earlier of the two deadlines applies. Default true.
   * It has no effect in a browser.
   */
  readonly inheritDeadline?: boolean | undefined
  /** Functions that run around every call, outermost first. Default: none. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * The handlers that answer calls of the server: one for each of the contract's `clientProcedures`. Default: none, and calls of the server
   * fail with UNIMPLEMENTED.
   *
   * @example
   * ```ts
   * createClient(chat, url, { handlers: { confirm: ({ input }) => window.confirm(input.question) } })
   * ```
   */
  readonly handlers?: ClientHandlers<C['clientProcedures']> | undefined
  /** Functions that run around `handlers`, outermost first. Default: none. */
  readonly middlewares?: readonly ClientMiddleware[] | undefined
  /**
   * Called when a handler has failed with an error whose text the server does not get, and when a call without an answer failed or was not
   * run. Default: the first failure is written to the console as a warning.
   */
  readonly onHandlerFailed?: ((failed: HandlerFailure) => void) | undefined
  /** Limits of the client and of its session. Defaults: `clientLimits`, and `defaultConnectionLimits` and `defaultResumeLimits` of protocol. */
  readonly limits?: ClientLimitOptions | undefined
  /** The clock, the timers and the source of randomness. Default: those of the platform. */
  readonly environment?: SessionEnvironment | undefined
  /**
   * Called with the error that a listener or hook threw or rejected with. The connection and the other listeners are
   * not affected. Default: the error is thrown in a separate microtask, so that the platform reports it as uncaught.
   */
  readonly onUncaught?: ((error: unknown) => void) | undefined
  /**
   * Called for an event that was dropped, because it does not fit the contract or exceeds a limit of this side. The connection goes on.
   * Default: the first one is written to the console as a warning.
   */
  readonly onInvalidEvent?: ((error: RpcError) => void) | undefined
  /**
   * Called where events are missing: the server left them out because this client did not keep up or they were too long for it, or they were
   * published between two sessions and no log kept them. Default: the first gap is written to the console as a warning.
   */
  readonly onEventGap?: ((missed: TopicGap) => void) | undefined
  /**
   * Called when a challenge of the server on an open connection failed: the function `auth` threw or took longer than `credentialsTimeoutMs`,
   * or the server rejected its answer (an RpcError). The connection goes on, unless the server closes it. Default: the first failure is
   * written to the console as a warning.
   */
  readonly onChallengeFailed?: ((error: unknown) => void) | undefined
  /**
   * Called when the server refuses to subscribe this client to a topic, and when it ends a subscription. The promise `subscribed` that `$on`
   * returns rejects for a refusal, too. It is not called when the connection is missing: `$connection` reports that. Default: the first
   * failure is written to the console as a warning, unless all listeners on the topic have read `subscribed`.
   */
  readonly onSubscribeFailed?: ((failed: FailedSubscription) => void) | undefined
  /**
   * Called once, with the name of an event (`chat/line`), when this client listens to an event to which only handlers of the server can
   * subscribe it, but has made no call and received no event for `silentListenerMs`. Default: a warning on the console.
   */
  readonly onSilentListener?: ((event: string) => void) | undefined
  /**
   * Called once for each state of the contract that a server announces, if it differs from that of this client, with all differences.
   * Default: one warning on the console, once in a process for each pair of states. It names the differences that may make calls fail, or
   * that lose what this client sends or listens to.
   */
  readonly onContractDifferences?: ((differences: readonly ServerDifference[]) => void) | undefined
  /**
   * Whether the client refuses, with FAILED_PRECONDITION and before anything is sent, calls of procedures that are not the same on both sides,
   * and listening to such events (reported through `subscribed` and `onSubscribeFailed`). Calls of the server to such procedures of this
   * client are refused as well. The first calls wait for the server's description only if the contracts differ; calls made during an outage
   * wait for the next server. Default false: calls are sent, and values that do not fit a schema fail.
   */
  readonly strict?: boolean | undefined
}

/** Events of one topic that this client has missed. */
export interface TopicGap {
  /** The full name of the event: `chat/line`. */
  readonly event: string
  /** The topic as a value. `undefined` for an event without topics. */
  readonly topic: unknown
  /** The number of missing events; 0 if the server does not know it. */
  readonly events: number
}

/** A topic to which the server does not, or no longer, subscribe this client. */
export interface FailedSubscription {
  /** The full name of the event: `chat/line`. */
  readonly event: string
  /** The topic as a value. `undefined` for an event without topics. */
  readonly topic: unknown
  /** Why: the refusal of the server, or PERMISSION_DENIED from `connection.revoke`. */
  readonly error: RpcError
  /** Whether the client was subscribed, and the server ended that. The listeners on the topic have been removed then. */
  readonly wasSubscribed: boolean
}
