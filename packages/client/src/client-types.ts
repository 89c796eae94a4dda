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

/** What a listener is told of an event beside its payload. */
export interface EventFacts {
  /**
   * Where the event stands in the log that keeps it: the id of the log, and a number that grows with each event of the topic. Numbers of different logs
   * cannot be compared. Undefined when no log keeps the event.
   */
  readonly position: LogPosition | undefined
}

/**
 * `[topic, listener]`, or `[listener]` for an event without topic. Of each event by itself: for a name that there is not the
 * compiler takes all events, and says of the name what is wrong and not of the number of arguments.
 */
export type ListenArguments<E extends ContractEvent> = E extends ContractEvent
  ? [...topic: TopicArguments<E>, listener: (payload: PayloadOf<E>, facts: EventFacts) => void]
  : never

/** What a client does and holds, for measurements: its session of now, and the `totals` of all of its sessions. */
export interface ClientStats extends SessionStats {
  /** How often it got a connection so far. */
  readonly connectionsMade: number
}

/** Whereabouts and state of a client's connection. */
export interface ClientConnection {
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'draining' | 'closed'
  /** Where the server is: `tcp://127.0.0.1:5500`. Of several addresses the one that was tried last. */
  readonly remoteEndpoint: string
  /**
   * Settles when the first handshake is done; rejects with an RpcError when it cannot be, and with UNIMPLEMENTED when the server has
   * other versions of the contract only: the text says which.
   */
  opened(): Promise<void>
  /** Settles, never rejects, once the client has no connection and makes none any more. */
  closed(): Promise<SessionCloseReason>
  /**
   * Gives the server new credentials, before the old ones expire: `auth`, or without an argument what the option `auth` gives, a function then. Settles when the server has taken them; calls
   * made from then on have what the server makes of them. While there is no connection, and when it is lost before the server has answered, the hello of the next one shows them; a session that goes on is
   * given them after it. The promise waits for that. Called again meanwhile, the newest are given: those before settle when these are taken, and are given next when these are refused.
   *
   * Rejects with an RpcError: the server's refusal, after which the old ones count on, unless it closes; DEADLINE_EXCEEDED without an answer in `credentialsTimeoutMs`, or when a function `auth` gives
   * none within `connectTimeoutMs`; FAILED_PRECONDITION as long as the server owes such an answer; UNAVAILABLE, or what the server has refused the client with, when the client is closed (`auth` is not asked then); INVALID_ARGUMENT or RESOURCE_EXHAUSTED for what cannot be sent. With ClientError `INVALID_OPTION` when there are
   * none to give, and with what the function `auth` threw.
   */
  renewAuth(auth?: CredentialsValue): Promise<void>
  /** Figures of now: what the session holds and runs, and what went through the client so far. They are put together when asked for. */
  stats(): ClientStats
  /**
   * In what the server's contract is not that of this client. Nothing when both announced the same. `undefined` when that is not
   * known: the server did not announce the contract, or does not describe it, or there is no connection. Settles when the
   * server has answered, never rejects.
   */
  differences(): Promise<readonly ServerDifference[] | undefined>
}

/**
 * Ends a registration of `$on`. `subscribed` settles when the server sends the events of the topic to this client, and
 * rejects with an RpcError when it does not. In an outage it waits for the next connection, and rejects when the client gives up. Where handlers of the server subscribe clients it settles at once. `using` and
 * `await using` end the registration as well.
 */
export type Listening = (() => void) & {
  readonly subscribed: Promise<void>
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * What is not a procedure. Names that begin with `$` cannot be taken by a contract. No interface: editors would show
 * the types of all events in front of each member.
 */
export type ClientControls<Events extends { readonly [Name in keyof Events]: ContractEvent }> = {
  /**
   * Calls `listener` for each event of this topic that the server sends, with its payload and its {@link EventFacts}. Returns what ends it.
   *
   * An event with `subscribe: 'clients'` is subscribed to at the server by the first listener on a topic, and given back
   * with the last. Of any other event it listens only: a handler of the server has to subscribe this client.
   *
   * Throws ClientError `UNKNOWN_EVENT`, `INVALID_OPTION` for arguments that do not fit the event; ProtocolError `INVALID_TOPIC`.
   *
   * ```ts
   * const stop = client.$on('line', { room: 'lobby' }, (line) => show(line))
   * await stop.subscribed
   * ```
   */
  $on<Name extends keyof Events & string>(
    name: Name,
    ...topicAndListener: ListenArguments<Events[Name]>
  ): Listening
  readonly $connection: ClientConnection
  /** Ends the connection; open calls get `graceMs` to finish. Settles when it is closed. Idempotent; a grace that ends earlier counts. */
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** As `$close()`: `await using client = createClient(…)`. */
  [Symbol.asyncDispose](): Promise<void>
  /** Takes `$unref()` back. */
  $ref(): void
  /**
   * Lets the process end although this client is open, or connects again, as `unref` of a socket does: also while a call is awaited. Other
   * clients that share its port are not touched. An attempt to connect holds the process until it has settled, at most
   * `connectTimeoutMs`. It does nothing for a connection without `ref` and `unref`, such as one in memory.
   */
  $unref(): void
}

/** The client of contract `C`: `Client<typeof chat>`. */
export type Client<C extends Contract> = ClientProcedures<C['procedures']> & ClientControls<C['events']>
