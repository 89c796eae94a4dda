/// <reference lib="esnext.disposable" />
import type { Contract, ContractEvent, PayloadOf, SessionCloseReason } from '@frameport/protocol'
import type { ClientProcedures } from '@frameport/protocol/calling'
import type { TopicArguments } from '@frameport/protocol/contract'
import type { LogPosition } from '@frameport/protocol/envelope'
import type { SessionStats } from '@frameport/protocol/session'
import type { CredentialsValue } from './credentials-types.ts'
import type { ServerDifference } from './server-difference.ts'

export type {
  CallFunction,
  CallOptions,
  CallPromise,
  CallStream,
  ClientCall,
  ClientProcedures,
  InterceptedCall,
  Interceptor,
  SafeResult,
  StreamCallOptions,
  UploadCallOptions,
  UploadFunction,
  UploadProgress,
  UploadSource,
  UploadStream,
} from '@frameport/protocol/calling'

export type { LogPosition } from '@frameport/protocol/envelope'

/** What a listener gets about an event, in addition to the payload. */
export interface EventFacts {
  /**
   * The position of the event in the log that keeps it: the id of the log, and a number that grows with each event of the topic. The numbers
   * of different logs cannot be compared. `undefined` if no log keeps the event.
   */
  readonly position: LogPosition | undefined
}

/**
 * The arguments of `$on` after the name: `[topic, listener]`, or `[listener]` for an event without topic. The type distributes over a union
 * of events: for an unknown name the compiler then reports the name, not the number of arguments.
 */
export type ListenArguments<E extends ContractEvent> = E extends ContractEvent
  ? [...topic: TopicArguments<E>, listener: (payload: PayloadOf<E>, facts: EventFacts) => void]
  : never

/** Figures of a client: those of its current session, and the `totals` of all of its sessions. */
export interface ClientStats extends SessionStats {
  /** The number of connections that the client has made so far. */
  readonly connectionsMade: number
}

/** The connection of a client: `client.$connection`. */
export interface ClientConnection {
  /** The current state: see `ConnectionState`. */
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'draining' | 'closed'
  /**
   * The address of the server: `tcp://127.0.0.1:5500`. With several addresses, the one that was tried last. `memory:` for a client that was
   * given a connection.
   */
  readonly remoteEndpoint: string
  /**
   * Resolves when the first handshake is done. Rejects with an RpcError if the client ends before that, and with UNIMPLEMENTED if the server
   * has only other versions of the contract: the message names them.
   */
  opened(): Promise<void>
  /** Resolves with the reason once the client has no connection and will make no other. Never rejects. */
  closed(): Promise<SessionCloseReason>
  /**
   * Gives the server new credentials before the old ones expire. Without an argument, the function in the option `auth` supplies them.
   * Resolves when the server has accepted them: calls made from then on have the new context.
   *
   * If there is no connection, or it is lost before the server has answered, the hello of the next connection has the new credentials, and a
   * session that continues gets them after it. The promise waits for that. If `renewAuth` is called again in the meantime, the newest
   * credentials are sent: the earlier calls resolve when these are accepted, and are sent next when these are refused.
   *
   * Rejects with
   * - the RpcError with which the server refused: the old credentials stay valid, unless the server closes the connection
   * - RpcError DEADLINE_EXCEEDED if the server does not answer within `credentialsTimeoutMs`, or the function `auth` within `connectTimeoutMs`
   * - RpcError FAILED_PRECONDITION while the server still owes an answer to earlier credentials
   * - RpcError UNAVAILABLE, or the RpcError with which the server rejected the client, if the client is closed
   * - RpcError INVALID_ARGUMENT for credentials that cannot be encoded, and RESOURCE_EXHAUSTED for credentials over `helloBytesMax`
   * - ClientError `INVALID_OPTION` if there is neither an argument nor a function `auth`
   * - what the function `auth` threw
   *
   * @example
   * ```ts
   * await client.$connection.renewAuth(await fetchToken())
   * ```
   */
  renewAuth(auth?: CredentialsValue): Promise<void>
  /** Current figures: what the session holds and runs, and what the client has sent and received so far. Each call collects them anew. */
  stats(): ClientStats
  /**
   * Resolves with the differences between the contract of the server and that of this client, once the server has answered: an empty array if
   * both announced the same one, and `undefined` if the differences are not known (the server did not announce the contract, does not
   * describe it, or there is no connection). Never rejects.
   */
  differences(): Promise<readonly ServerDifference[] | undefined>
}

/** What `$on` returns: a function that ends the registration. `using` and `await using` end it at the end of the block. */
export type Listening = (() => void) & {
  /**
   * Resolves when the server has subscribed this client to the topic, and rejects with an RpcError if the server refuses. During an outage it
   * waits for the next connection, and rejects if the client gives up. It resolves at once for an event to which handlers of the server
   * subscribe clients. A rejection counts as unhandled only if this property was read.
   */
  readonly subscribed: Promise<void>
  /** Ends the registration: `using stop = client.$on(…)`. */
  [Symbol.dispose](): void
  /** Ends the registration: `await using stop = client.$on(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The members of a client that are not procedures. Their names begin with `$`, which no name in a contract may. This is not an interface,
 * because editors would show the types of all events in front of each member.
 */
export type ClientControls<Events extends { readonly [Name in keyof Events]: ContractEvent }> = {
  /**
   * Calls `listener` for each event of this topic that the server sends, with its payload and its {@link EventFacts}. Returns a function that
   * ends the registration.
   *
   * For an event with `subscribe: 'clients'`, the first listener on a topic subscribes this client at the server, and the end of the last one
   * unsubscribes it. For any other event `$on` only listens: a handler of the server must subscribe this client.
   *
   * Throws ClientError `UNKNOWN_EVENT`, ClientError `INVALID_OPTION` for arguments that do not fit the event, and ProtocolError
   * `INVALID_TOPIC`.
   *
   * @example
   * ```ts
   * const stop = client.$on('line', { room: 'lobby' }, (line) => show(line))
   * await stop.subscribed
   * ```
   */
  $on<Name extends keyof Events & string>(
    name: Name,
    ...topicAndListener: ListenArguments<Events[Name]>
  ): Listening
  /** The state of the connection, and functions about it. */
  readonly $connection: ClientConnection
  /**
   * Closes the client for good. Open calls get `graceMs` milliseconds to finish (default: the limit `closeGraceMs`). Resolves when the client is
   * closed. It may be called again: a grace that ends earlier applies.
   *
   * Rejects with ClientError `INVALID_OPTION` for an invalid `graceMs`; the client stays open then.
   */
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** Calls `$close()`: `await using client = createClient(…)`. */
  [Symbol.asyncDispose](): Promise<void>
  /** Undoes `$unref()`: the client keeps the process alive again. */
  $ref(): void
  /**
   * Lets the process end although this client is open or reconnecting, even while a call is awaited, as `unref` of a socket does. Other clients
   * that share its completion port are not affected. An attempt to connect keeps the process alive until it has settled, for at most
   * `connectTimeoutMs`. For a connection without the methods `ref` and `unref`, such as one in memory, this has no effect.
   */
  $unref(): void
}

/** The client of contract `C`: `Client<typeof chat>`. It has a function for each procedure, and the {@link ClientControls}. */
export type Client<C extends Contract> = ClientProcedures<C['procedures']> & ClientControls<C['events']>
