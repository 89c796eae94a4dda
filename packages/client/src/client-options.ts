import type { Contract, Metadata, RpcError } from '@frameport/protocol'
import type { Interceptor } from '@frameport/protocol/calling'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ClientHandlers, ClientMiddleware, HandlerFailure } from './client-handlers.ts'
import type { CredentialsFunction, CredentialsValue } from './credentials-types.ts'
import type { ClientLimitOptions } from './limits.ts'
import type { ConnectionChange, ReconnectOptions, SessionStart } from './reconnect-types.ts'
import type { ServerDifference } from './server-difference.ts'

/** @typeParam C the contract whose `handlers` these options may have: `ClientOptions<typeof chat>`. Default: none, for a client of any contract. */
export interface ClientOptions<C extends Contract = never> {
  /**
   * Credentials, sent in the hello: a value that JSON can carry, or bytes; or a {@link CredentialsFunction} that gives one, or a promise of it. It is asked before each attempt to connect,
   * within `connectTimeoutMs`, for the answer to a challenge of the server, and by `$connection.renewAuth()`. What it throws fails the attempt to connect, or leaves the challenge without an
   * answer; an RpcError that a server would refuse a client with for good (UNAUTHENTICATED) ends the client. At most `helloBytesMax` bytes: `createClient` refuses a longer value.
   */
  readonly auth?: CredentialsFunction | CredentialsValue | undefined
  /** Sent once, in the hello. */
  readonly metadata?: Metadata | undefined
  /**
   * How the client connects again when it has lost its connection, or `false`: it ends with its first connection then. Default: it does, unless it was
   * given a connection in place of an address or a connector. The first connection is tried once, unless `first` says otherwise.
   */
  readonly reconnect?: false | ReconnectOptions | undefined
  /**
   * Whether the session may go on over another connection: calls and streams that are open do not notice the loss. Default: where the client connects again,
   * and not over `memory:`, `unix:` and `pipe:`. The server has to want it, too.
   */
  readonly resume?: boolean | undefined
  /**
   * What becomes of a call that is made while there is no connection: it waits in line, in `callsQueuedMax` and `callBytesQueuedMax` and with its
   * deadline (`wait`, the default), or it fails at once with UNAVAILABLE (`fail`). With `fail` a call whose session ends in the outage is not made again either, idempotent or not; until then (`resumeWindowMs`)
   * a call that was sent goes on when there is a connection again, and a stream with `resumeFrom` does so later, too. Calls made before the first connection wait in any case.
   */
  readonly offline?: 'wait' | 'fail' | undefined
  /** Told when `$connection.state` has changed, and of each attempt that failed while there is no connection. */
  readonly onStateChange?: ((change: ConnectionChange) => void) | undefined
  /**
   * Told of each session that has its connection: the first, one that goes on (`resumed`), and a new one in the place of another, of which the server knows
   * nothing. Topics that the client subscribes to by itself are subscribed to again.
   */
  readonly onSession?: ((start: SessionStart) => void) | undefined
  /** Of each call that gives none itself. Default: no deadline. */
  readonly defaultDeadlineMs?: number | undefined
  /**
   * A call that a handler makes ends no later than the call that is handled: its deadline is the earlier one of its own and of
   * what is left there. Default true. Not in a browser.
   */
  readonly inheritDeadline?: boolean | undefined
  /** Outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /**
   * What answers the calls of the server: one for each of the contract's `clientProcedures`. Default: the client answers none,
   * and the server is told so.
   */
  readonly handlers?: ClientHandlers<C['clientProcedures']> | undefined
  /** Run around `handlers`, outermost first. */
  readonly middlewares?: readonly ClientMiddleware[] | undefined
  /**
   * Told of a handler that failed with what the server is not told, and of a call without an answer that failed or was not run. Default: the
   * first one is written to the console as a warning.
   */
  readonly onHandlerFailed?: ((failed: HandlerFailure) => void) | undefined
  /** Of the client and its session; the defaults are in `clientLimits` and `defaultConnectionLimits`. */
  readonly limits?: ClientLimitOptions | undefined
  /** Clock, timers and randomness. Default: the real ones. */
  readonly environment?: SessionEnvironment | undefined
  /**
   * Told what a listener threw, or rejected with. Default: thrown in a microtask of its own, where the platform reports it
   * as uncaught. The connection and the other listeners go on in any case.
   */
  readonly onUncaught?: ((error: unknown) => void) | undefined
  /**
   * Told of an event that was left out, because it does not fit the contract or a limit of this side. Default: the first
   * one is written to the console as a warning. It never ends the connection or the process.
   */
  readonly onInvalidEvent?: ((error: RpcError) => void) | undefined
  /**
   * Told of events that the server left out at this place, because this client did not keep up or they were too long for it, and of those
   * that were published between two sessions and are in no log.
   * Default: the first time is written to the console as a warning.
   */
  readonly onEventGap?: ((missed: TopicGap) => void) | undefined
  /**
   * Told when a challenge of the server on an open connection came to nothing: the function `auth` threw or took longer than `credentialsTimeoutMs`, or the server has refused its answer (an
   * RpcError). The connection goes on, unless the server closes it. Default: the first one is written to the console as a warning.
   */
  readonly onChallengeFailed?: ((error: unknown) => void) | undefined
  /**
   * Told when the server does not subscribe this client to what it listens on, and when it ends a subscription that it had given. The promise `subscribed` of `$on` says the first,
   * too. Not told without a connection, of which `$connection` tells. Default: the first one is written to
   * the console as a warning, unless all who listen have asked for `subscribed`.
   */
  readonly onSubscribeFailed?: ((failed: FailedSubscription) => void) | undefined
  /**
   * Told once, with the name of an event, when this client listens to what only handlers of the server can subscribe it to,
   * and has called nothing and heard nothing for `silentListenerMs`. Default: a warning on the console.
   */
  readonly onSilentListener?: ((event: string) => void) | undefined
  /**
   * Told once, when the server has announced another state of the contract and said in what it differs. Default: those that may fail, or
   * lose what this client sends or listens for, are written to the console as one warning, once in a process for each
   * pair of states.
   */
  readonly onContractDifferences?: ((differences: readonly ServerDifference[]) => void) | undefined
  /**
   * Refuse, with FAILED_PRECONDITION and before it is sent, a call whose procedure is not the same on both sides, and listening to such an
   * event (by `subscribed` and `onSubscribeFailed`). A call of the server to such a procedure of this client is refused in the same way. Only when the contracts differ the first calls wait until
   * the server has said in what; those made in an outage wait for the next server. Default false: data decide.
   */
  readonly strict?: boolean | undefined
}

/** Events of one topic that the server left out. */
export interface TopicGap {
  /** `chat/line`. */
  readonly event: string
  /** `undefined` for an event without topics. */
  readonly topic: unknown
  /** How many; 0 when the server does not know. */
  readonly events: number
}

/** A topic that the server does not subscribe this client to, or does no more. */
export interface FailedSubscription {
  /** `chat/line`. */
  readonly event: string
  /** `undefined` for an event without topics. */
  readonly topic: unknown
  readonly error: RpcError
  /** The client was subscribed, and the server has ended that: the listeners on the topic were removed. */
  readonly wasSubscribed: boolean
}
