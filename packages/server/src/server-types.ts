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
 * The result of `publish`. It can be ignored, or awaited: then it gives the number of subscribers whose connections
 * took the event, once it waits for none of them. A publisher that awaits it is no faster than its subscribers. A
 * subscriber that does not keep up is disconnected after `slowSubscriberMs` and a tenth of it, and a lost one when the
 * heartbeat finds out, so the wait ends. If the event is not waited for (see `whenSlow` of the event), the number comes
 * at once.
 *
 * It rejects only with ServerError `LOG_FAILED`, if the log of the event fails, or `BUS_FAILED`, if the `eventBus`
 * fails.
 */
export interface Publication extends PromiseLike<number> {
  /** Subscribers that have the event, or for which it waits behind data that they have not read yet. */
  readonly reached: number
  /** The number of those for which the event waits. */
  readonly waiting: number
  /**
   * Subscribers that do not get the event, because they have no room or cannot receive an event of that length. They
   * receive a gap.
   */
  readonly leftOut: number
  /** The position of the event in its log. Undefined for an event without a log, and until the log has answered. */
  readonly position: LogPosition | undefined
  /**
   * True if the log already had an event with this `id`. Nothing was published, and `position` is that of the earlier
   * event.
   */
  readonly isRepeat: boolean
}

/** The options of one `publish`. */
export interface PublishOptions {
  /**
   * Identifies the event within its topic, so that its log keeps it only once even if it is published repeatedly: for
   * example an id that a client gives to a message that it may send again. 1 to 256 characters. Only for events that a
   * log keeps.
   */
  readonly id?: string | undefined
}

/** A running server: the result of `createServer`. */
export interface Server {
  /** The connections that are open or detached, and those that are still connecting. */
  readonly connections: ReadonlySet<ServerConnection>
  /** Returns a snapshot of what the server does and holds, and its totals. */
  stats(): ServerStats
  /**
   * Listens with TLS 1.2 or later: `server.listen('tls://0.0.0.0:5500', { cert, key })`. With `requestClientCert` and
   * `ca`, clients show a certificate, too (mTLS), and handlers find it in `connection.tls`.
   *
   * @throws IocpError of the port, such as `ADDRESS_IN_USE`, or `INVALID_CERTIFICATES`; ServerError `SERVER_CLOSED`,
   * `INVALID_OPTION`
   */
  listen(endpoint: `tls://${string}` | TlsEndpoint, options: TlsListenOptions): Promise<TlsServerListener>
  /**
   * Listens on an address: `tcp://HOST:PORT`, `tls://HOST:PORT`, `unix:PATH`. Port 0 chooses a free port, which
   * `listener.url` has. Can be called for several addresses.
   *
   * @throws IocpError of the port, such as `ADDRESS_IN_USE`; ServerError `SERVER_CLOSED`, `INVALID_OPTION`
   */
  listen(endpoint: Endpoint | string, options?: ListenOptions | TlsListenOptions): Promise<ServerListener>
  /**
   * Listens with an acceptor: one of `tcp()`, `tls()` and `ws()`, or one of your own.
   *
   * @throws any error of the acceptor; ServerError `SERVER_CLOSED`, immediately when the server closes in the meantime,
   *   `INVALID_OPTION` if it is not an acceptor or returns no listener
   */
  listen(acceptor: Acceptor): Promise<AcceptorListener & AsyncDisposable>
  /**
   * Serves an existing connection, a stream of bytes or a channel of frames: for example one end of an in-memory pair,
   * or a tunnel.
   *
   * @param from the origin of the connection, for logs and handlers
   * @throws ServerError `CONNECTIONS_MAX`, `CONNECTIONS_PER_SHARE_MAX`, `SHARE_KEY_FAILED`, `SERVER_CLOSED`, after it
   *   has aborted the connection. `INVALID_OPTION` if it is neither a ByteStream nor a FrameChannel; it is then left as
   *   it is
   */
  accept(connection: ByteStream | FrameChannel, from?: AcceptedFrom): ServerConnection
  /**
   * Sends an event to each connection that is subscribed to the topic. It is encoded once for all of them, and only if
   * there are subscribers. Topic and payload are checked in any case.
   *
   * If a subscriber has no room, the event waits for it, in memory that all subscribers share: up to
   * `slowSubscriberBytesMax` and `slowSubscriberMs`. The option `whenSlow` of the event says what happens then. No
   * subscriber is judged in the same turn of the event loop, so a burst does not harm subscribers that read.
   *
   * ```ts
   * server.publish(chat.events.line, { room }, line)               // does not wait
   * for (const line of book) await server.publish(chat.events.line, { room }, line)  // no faster than the subscribers read
   * ```
   *
   * An event that a log keeps (`eventLogs`) is sent after the log has appended it. If the log answers asynchronously,
   * the figures of the publication are 0 until then, and the publication rejects with `LOG_FAILED` if the log fails.
   *
   * @param topicAndPayload the topic, for an event with topics, then the payload and the options
   * @throws ServerError `UNKNOWN_EVENT`, `INVALID_PAYLOAD`, `INVALID_OPTION`, `LOG_FAILED`; ProtocolError
   * `INVALID_TOPIC`, `INVALID_BODY`
   */
  publish<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>, options?: PublishOptions]
  ): Publication
  /**
   * Closes the server in steps. For `announceMs` (default 0) it serves as before, and asks its clients, spread over
   * that time, to make their new calls elsewhere. Then it stops accepting, tells every client to start no more calls,
   * ends detached sessions, gives open calls `graceMs` to finish (default: the limit `closeGraceMs`), aborts the rest,
   * and settles when every connection and timer is gone.
   *
   * Idempotent. A later call with shorter times shortens the wait; a later call with `graceMs` alone ends the
   * announcement at once. It never waits for a handler that ignores its signal, and waits for a listener or an acceptor
   * for at most `transportCloseTimeoutMs`. Failures on the way are logged: they do not stop the rest from closing, and
   * do not reject the promise.
   *
   * @param options milliseconds of at least 0; Infinity waits without limit
   * @throws ServerError `INVALID_OPTION`, as a rejection; nothing was closed then
   */
  close(options?: {
    readonly announceMs?: number | undefined
    readonly graceMs?: number | undefined
  }): Promise<void>
  /** The same as `close()`, for `await using server = createServer(…)`. */
  [Symbol.asyncDispose](): Promise<void>
}
