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
  /** Where the peer is, for people and logs: `tcp://127.0.0.1:51234`. Another place when it has come back from there. */
  readonly remoteEndpoint: string
  /**
   * Of a connection with TLS: version and cipher, the name that the client asked for, and its certificate where the listener requests one. That of
   * the connection it came back on, when it has. `undefined` without TLS.
   */
  readonly tls: TlsFacts | undefined
  /**
   * From now on this client gets what is published under the topic. Idempotent; undone when the connection ends.
   *
   * What this server publishes reaches it at once. With an `eventBus` what it gives can be awaited: it settles when what other servers publish reaches the client, too. It never rejects:
   * when the bus fails the client is told of a gap later.
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`; RpcError RESOURCE_EXHAUSTED for more topics than the limits allow
   */
  subscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): Promise<void>
  /**
   * Undoes `subscribe`. Idempotent. A subscription that the client made itself (`subscribe: 'clients'`) goes on: `revoke` ends both.
   *
   * @throws ServerError `UNKNOWN_EVENT`; ProtocolError `INVALID_TOPIC`
   */
  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void
  /**
   * Ends the subscription of this client to a topic, whether a handler or the client itself made it. Nothing that is published afterwards reaches the client. Idempotent.
   *
   * A client that subscribed itself is told: its listeners on the topic are removed, `onSubscribeFailed` gets PERMISSION_DENIED, and the topic is not
   * subscribed to again until the client calls `$on` again. A request that `authorizeSubscribe` is still deciding about is refused with the same code.
   * The client may ask again at once, so change first what `authorizeSubscribe` decides by:
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
   * While the client is detached, calls wait for it.
   *
   * @throws ServerError `UNKNOWN_CONTRACT`
   */
  client<C extends Contract>(contract: C): ClientProcedures<C['clientProcedures']>
  /**
   * Asks this client, which was let in, who it is: a value that JSON can carry, or bytes. Its answer goes to the option `renewContext`. Settles when that has taken it. A client need not wait for it.
   *
   * Rejects with an RpcError: what `renewContext` refused the answer with; DEADLINE_EXCEEDED when none came within `timeoutMs` (default: the limit `credentialsTimeoutMs`), after which
   * the connection goes on, and the client is asked nothing else before it has answered; FAILED_PRECONDITION while another challenge is open; UNAVAILABLE before the client is let in, and when it does not come back.
   * While the client is detached the challenge waits for it, and one whose connection is lost is made again on the next one. The time to answer runs while there is a connection.
   * Rejects with ServerError `INVALID_OPTION` for wrong options, and without `renewContext`.
   *
   * ```ts
   * await connection.challenge({ kind: 'code' }, { timeoutMs: 60_000 })
   * ```
   */
  challenge(challenge: unknown, options?: { readonly timeoutMs?: number | undefined }): Promise<void>
  /** Ends the connection: open calls get `graceMs` to finish. Settles when it is closed. Asked again, a grace that ends earlier counts. */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>
}

/**
 * One client. The same object is the `connection` of its handlers. It lives on while the client is without a connection, and
 * comes back within `resumeWindowMs`.
 */
export interface ServerConnection extends HandlerConnection {
  /** `detached`: let in, and without a connection. What is called and sent meanwhile waits. */
  readonly state: 'opening' | 'open' | 'detached' | 'draining' | 'closed'
  /**
   * What the server's option `context` made for this client, or `renewContext` later: who that is. `undefined` until it has been made; `{}` when there is
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
  /** Settles, never rejects, once the client is gone: when its connection is, or does not come back in time. */
  closed(): Promise<SessionCloseReason>
}
