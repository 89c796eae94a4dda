import type { TlsFacts } from '@frameport/iocp-core/tls'
import type {
  Contract,
  ContractEvent,
  Metadata,
  PayloadSentOf,
  SessionCloseReason,
} from '@frameport/protocol'
import type { ClientProcedures } from '@frameport/protocol/calling'
import type { TopicArguments } from '@frameport/protocol/contract'
import type { AnnouncedContract } from '@frameport/protocol/envelope'
import type { ConnectionStats } from './stats.ts'

/** The first message of a client. Nothing in it is validated. */
export interface Hello {
  /** The option `auth` of the client, as it was sent: a JSON value or bytes. Undefined without one. */
  readonly auth: unknown
  /** The option `metadata` of the client. */
  readonly metadata: Metadata
  /** The contracts that the client calls or serves, with name, version and hash. */
  readonly contracts: readonly AnnouncedContract[]
}

/** The connection of a call, as handlers and middlewares get it. A {@link ServerConnection} is one. */
export interface HandlerConnection {
  /** Unique among all connections of this server object: `c17`. */
  readonly id: string
  /**
   * The address of the client, for people and logs: `tcp://127.0.0.1:51234`. It changes when the client comes back from
   * another address.
   */
  readonly remoteEndpoint: string
  /**
   * The facts of the TLS handshake: version, cipher, the requested server name, and the certificate of the client if
   * the listener requests one. After the client has come back, those of its new connection. `undefined` without TLS.
   */
  readonly tls: TlsFacts | undefined
  /**
   * Subscribes this client to a topic. Idempotent. The subscription ends with the connection.
   *
   * Events that this server publishes reach the client from now on. With an `eventBus` or a shared log, the returned
   * promise settles once events of other servers reach it, too. The promise never rejects: if the bus fails, the client
   * later receives a gap.
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`; RpcError RESOURCE_EXHAUSTED for more topics
   * than `subscriptionsPerConnectionMax`
   */
  subscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): Promise<void>
  /**
   * Undoes `subscribe`. Idempotent. A subscription that the client made itself (`subscribe: 'clients'`) stays: `revoke`
   * ends both.
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`
   */
  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void
  /**
   * Ends the subscription of this client to a topic, whether a handler or the client made it. Events that are published
   * afterwards do not reach the client. Idempotent.
   *
   * If the client subscribed itself, its listeners on the topic are removed, its `onSubscribeFailed` gets
   * PERMISSION_DENIED, and it does not subscribe to the topic again until it calls `$on` again. A request that
   * `authorizeSubscribe` is still deciding on is refused with the same code. The client may ask again at once, so first
   * change the data that `authorizeSubscribe` checks:
   *
   * ```ts
   * members.delete(user)
   * connection.revoke(chat.events.line, { room })
   * ```
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`
   */
  revoke<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void
  /**
   * Sends an event to this client only, whether it is subscribed or not.
   *
   * @param topicAndPayload the topic, for an event with topics, then the payload
   * @throws ServerError `UNKNOWN_EVENT`, `INVALID_PAYLOAD`; ProtocolError `INVALID_TOPIC`, `INVALID_BODY`
   */
  emit<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): void
  /**
   * Returns the functions that call this client: one for each of the contract's `clientProcedures`, with the same
   * options and results as those of a client.
   *
   * ```ts
   * const { isSure } = await connection.client(chat).confirm({ text }, { deadlineMs: 60_000 })
   * ```
   *
   * A call fails with UNIMPLEMENTED if the client was created without `handlers`; with UNAVAILABLE if the server has
   * not let the client in yet (as in the option `context`) or the connection has ended; and, if it is a unary call,
   * with DEADLINE_EXCEEDED after 30 s unless its options or `clientCalls` set another deadline. While the client is
   * detached, calls wait for it.
   *
   * @throws ServerError `UNKNOWN_CONTRACT`
   */
  client<C extends Contract>(contract: C): ClientProcedures<C['clientProcedures']>
  /**
   * Asks this client for new credentials. The answer goes to the option `renewContext`, and the promise settles when
   * that has accepted it. It need not be awaited.
   *
   * ```ts
   * await connection.challenge({ kind: 'code' }, { timeoutMs: 60_000 })
   * ```
   *
   * Rejects with an RpcError: the error that `renewContext` threw; DEADLINE_EXCEEDED if no answer came within
   * `timeoutMs`, after which the connection stays open, but no other challenge is possible until the client has
   * answered; FAILED_PRECONDITION while another challenge is open; UNAVAILABLE before the client is let in, or if it
   * does not come back. While the client is detached, the challenge waits for it, and is sent again if its connection
   * was lost. The time runs only while the client is connected. Rejects with ServerError `INVALID_OPTION` for wrong
   * options, and without the option `renewContext`.
   *
   * @param challenge a JSON value or bytes
   * @param options `timeoutMs`: milliseconds of at least 0. Default: the limit `credentialsTimeoutMs`
   */
  challenge(challenge: unknown, options?: { readonly timeoutMs?: number | undefined }): Promise<void>
  /**
   * Closes the connection after open calls have had `graceMs` to finish. Settles when it is closed. A later call with a
   * shorter grace shortens the wait.
   *
   * @param options `graceMs`: milliseconds of at least 0. Default: the limit `closeGraceMs`
   * @throws ServerError `INVALID_OPTION`, as a rejection; nothing was closed then
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

/**
 * One client. Its handlers get the same object as `connection`. The object stays the same while the client is detached
 * and after it has come back, which it can do within `resumeWindowMs`.
 */
export interface ServerConnection extends HandlerConnection {
  /**
   * - `opening`: the server has not let the client in yet
   * - `open`: calls and events go both ways
   * - `detached`: the connection is lost, and calls and events wait for the client
   * - `draining`: the connection is closing, and open calls may finish
   * - `closed`: ended for good
   */
  readonly state: 'opening' | 'open' | 'detached' | 'draining' | 'closed'
  /**
   * The result of the option `context` for this client, or later of `renewContext`. `undefined` until the context is
   * made; `{}` without the option. Members that middlewares add are not in it.
   */
  readonly context: unknown
  /** The number of open calls of this client. */
  readonly callsInFlight: number
  /** The bytes that wait for this client to read, including events. */
  readonly queuedBytes: number
  /** The number of topics that it is subscribed to. */
  readonly subscriptions: number
  /** Returns a snapshot of the figures of this connection. */
  stats(): ConnectionStats
  /**
   * Settles with the reason, and never rejects, once the client has gone for good: its connection has ended, or it did
   * not come back in time.
   */
  closed(): Promise<SessionCloseReason>
}
