import type { ByteStream, FrameChannel } from '@frameport/framing'
import type { Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { ContractEvent, PayloadSentOf } from '@frameport/protocol'
import type { TopicArguments } from '@frameport/protocol/contract'
import type { LogPosition } from '@frameport/protocol/envelope'
import type { AcceptedFrom, Acceptor, AcceptorListener } from './acceptor.ts'
import type { ServerConnection } from './connection-types.ts'
import type { ServerListener } from './server-listener.ts'
import type { ServerStats } from './stats.ts'
import type { TlsListenOptions, TlsServerListener } from './tls-options.ts'

/**
 * What became of an event that was published. It can be ignored. Awaited it gives the number of subscribers whose
 * connections took the event, once it waits for none any more: so that who publishes much goes no faster than its
 * subscribers read. A subscriber that does not keep up is disconnected, and not waited for longer than that takes
 * (`slowSubscriberMs` and a tenth), or than the heartbeat takes to find that it is gone. It rejects only for an event whose log fails (`LOG_FAILED`), and when the bus fails that carries it to other servers (`BUS_FAILED`). Events that nobody waits for (see `whenSlow`) give the number at once.
 */
export interface Publication extends PromiseLike<number> {
  /** Subscribers that have the event, or for which it waits behind what they have not read yet. */
  readonly reached: number
  /** How many of those it waits for. */
  readonly waiting: number
  /** Subscribers that do not get it: there is no room, or it is too long for them. They are told of a gap. */
  readonly leftOut: number
  /** Where the event stands in the log that keeps it. Undefined for an event without a log, and until the log has answered. */
  readonly position: LogPosition | undefined
  /** The log had an event with this `id` before. Nothing was published: this is the place of the earlier one. */
  readonly isRepeat: boolean
}

/** How one event is published. */
export interface PublishOptions {
  /**
   * Names the event among those of its topic, so that its log keeps it once, however often it is published: the number that a client gives to what it sends again. At most 256
   * characters. Only for events that a log keeps.
   */
  readonly id?: string | undefined
}

export interface Server {
  /** Those that are open or detached, and those whose hello has not come yet. */
  readonly connections: ReadonlySet<ServerConnection>
  /** Figures of now. They are put together when asked for. */
  stats(): ServerStats
  /**
   * Listens with TLS: `server.listen('tls://0.0.0.0:5500', { cert, key })`. TLS 1.2 is the least version. With `requestClientCert` and `ca` clients show a
   * certificate, too (mTLS): handlers find it in `connection.tls`.
   *
   * @throws IocpError of the port, `INVALID_CERTIFICATES`; ServerError `SERVER_CLOSED`, `INVALID_OPTION`
   */
  listen(endpoint: `tls://${string}` | TlsEndpoint, options: TlsListenOptions): Promise<TlsServerListener>
  /**
   * Listens. May be called for several endpoints.
   *
   * @throws IocpError of the port (`ADDRESS_IN_USE`, …), ServerError `SERVER_CLOSED`, `INVALID_OPTION`
   */
  listen(endpoint: Endpoint | string, options?: ListenOptions | TlsListenOptions): Promise<ServerListener>
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
   * One that a log keeps (`eventLogs`) goes out when the log has given it its place. If that comes later, the figures of the publication are 0 until then, and
   * it rejects with `LOG_FAILED` when the log does.
   *
   * @throws ServerError `UNKNOWN_EVENT`, `INVALID_PAYLOAD`, `INVALID_OPTION`, `LOG_FAILED`; ProtocolError `INVALID_TOPIC`, `INVALID_BODY`
   */
  publish<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>, options?: PublishOptions]
  ): Publication
  /**
   * Ends in steps. For `announceMs` (0 unless told) everything goes on, connections are accepted, and clients are asked, one after the other, to make their
   * new calls elsewhere. Then it stops accepting, tells every client to start no more calls, ends sessions that are detached, gives open calls `graceMs` (the session's
   * `closeGraceMs` unless told), aborts what is left, and settles when every connection and timer is gone.
   *
   * Idempotent; asked again with milliseconds that end earlier, it waits no longer than that: with a `graceMs` alone the announcement
   * ends at once. Never waits for a handler that ignores its signal, and for a listener or an acceptor not longer than
   * `transportCloseTimeoutMs`. What fails meanwhile is in the log: it keeps nothing else from being closed, and the
   * promise does not reject for it.
   *
   * @throws ServerError `INVALID_OPTION`, by a rejection; nothing was closed then
   */
  close(options?: {
    readonly announceMs?: number | undefined
    readonly graceMs?: number | undefined
  }): Promise<void>
  /** As `close()`: `await using server = createServer(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
