import type { ByteStream, FrameChannel } from '@frameport/framing'
import { onLateFailure } from '@frameport/framing/checks'
import type { Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { ContractEvent, PayloadSentOf, SessionCloseReason } from '@frameport/protocol'
import type { TopicArguments } from '@frameport/protocol/contract'
import type { AcceptedFrom, Acceptor, AcceptorEvents, AcceptorListener } from './acceptor.ts'
import { HandlerCount } from './call/handler-count.ts'
import { checkAccepted, checkCloseOptions } from './check-options.ts'
import { checkServerOptions } from './check-server-options.ts'
import { eventToSend } from './events/event-to-send.ts'
import { Subscriptions, subscriptionKey } from './events/subscriptions.ts'
import { checkImplementation } from './handlers/implement.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { Router } from './handlers/router.ts'
import { resolveServerLimits } from './limits.ts'
import { guardedLogger, silentLogger } from './logger.ts'
import { resolveAcceptor } from './resolve-acceptor.ts'
import { type ConnectionServices, ServedConnection } from './served-connection.ts'
import { ServerError } from './server-error.ts'
import type { ServerPlatform } from './server-transport.ts'
import type { Server, ServerConnection, ServerListener, ServerOptions } from './server-types.ts'

/**
 * A server over the transports of a platform. It knows none by itself.
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`; ProtocolError `INVALID_CONTRACT` for what is no implementation
 */
export function openServer(
  implementations: readonly Implementation<never>[],
  given: ServerOptions<unknown>,
  platform: (options: ServerOptions<unknown>) => ServerPlatform,
): Server {
  for (const implementation of implementations) checkImplementation(implementation, 'createServer')
  const options = checkServerOptions(given)
  return new FrameportServer(implementations, options, platform(options))
}

class FrameportServer implements Server {
  readonly #options: ServerOptions<unknown>
  readonly #services: ConnectionServices
  readonly #connections = new Set<ServedConnection>()
  readonly #listeners = new Set<AcceptorListener>()
  readonly #acceptors = new Set<Acceptor>()
  readonly #transports: ServerPlatform['transports']
  #lastId = 0
  #closing: Promise<void> | undefined

  constructor(
    implementations: readonly Implementation<never>[],
    options: ServerOptions<unknown>,
    { environment, transports }: ServerPlatform,
  ) {
    const limits = resolveServerLimits(options.limits)
    this.#options = options
    this.#transports = transports
    this.#services = {
      router: new Router(implementations),
      handlers: new HandlerCount(limits.server.handlersInFlightMax),
      subscriptions: new Subscriptions(),
      environment: options.environment ?? environment,
      log: options.log === undefined ? silentLogger : guardedLogger(options.log),
      validateOutputs: options.validateOutputs ?? false,
      limits: limits.server,
      sessionLimits: limits.session,
      makeContext: async (hello, connection) => options.context?.({ hello, connection }) ?? {},
      opened: (connection, context) => this.#opened(connection, context),
      closed: (connection, reason) => this.#closed(connection, reason),
      disconnected: (connection, context, reason) => this.#disconnected(connection, context, reason),
    }
  }

  get connections(): ReadonlySet<ServerConnection> {
    return this.#connections
  }

  listen(endpoint: Endpoint | string, options?: ListenOptions): Promise<ServerListener>
  listen(acceptor: Acceptor): Promise<AcceptorListener>
  async listen(target: Endpoint | string | Acceptor, given: ListenOptions = {}): Promise<AcceptorListener> {
    const acceptor = resolveAcceptor(target, given, this.#transports)
    this.#checkOpen()
    if (acceptor.release !== undefined) this.#acceptors.add(acceptor)
    const listener = await acceptor.listen(this.#acceptorEvents())
    const { url, backend, endpoint } = listener
    const listening: AcceptorListener = {
      url,
      ...(backend === undefined ? {} : { backend }),
      ...(endpoint === undefined ? {} : { endpoint }),
      close: () => {
        this.#listeners.delete(listening)
        return listener.close()
      },
    }
    if (this.#closing !== undefined) {
      await listener.close()
      throw new ServerError('SERVER_CLOSED', url)
    }
    this.#listeners.add(listening)
    this.#services.log.info(backend === undefined ? { url } : { url, backend }, 'listening')
    return listening
  }

  accept(stream: ByteStream | FrameChannel, from: AcceptedFrom = {}): ServerConnection {
    const { remoteEndpoint = 'memory:' } = checkAccepted(stream, from)
    const { connectionsMax } = this.#services.limits
    if (this.#closing !== undefined) {
      abortQuietly(stream)
      throw new ServerError('SERVER_CLOSED')
    }
    if (this.#connections.size >= connectionsMax) {
      abortQuietly(stream)
      throw new ServerError('CONNECTIONS_MAX', `${connectionsMax} connections`)
    }
    const id = `c${++this.#lastId}`
    let connection: ServedConnection
    try {
      connection = new ServedConnection(id, remoteEndpoint, stream, this.#services)
    } catch (error) {
      // Nobody else would end it.
      abortQuietly(stream)
      throw error
    }
    this.#connections.add(connection)
    this.#services.log.debug({ connection: id, remote: connection.remoteEndpoint }, 'connected')
    return connection
  }

  publish<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): number {
    this.#services.router.checkEvent(event)
    const sent = eventToSend(event, topicAndPayload, this.#services.validateOutputs)
    return this.#services.subscriptions.publish(subscriptionKey(sent), sent)
  }

  close(given: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const options = checkCloseOptions(given)
      this.#closing ??= this.#close(options)
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #close(options: { readonly graceMs?: number | undefined }): Promise<void> {
    await Promise.all([
      ...[...this.#listeners].map((listener) => listener.close()),
      ...[...this.#connections].map((connection) => this.#closeConnection(connection, options)),
    ])
    await Promise.all([...this.#acceptors].map((acceptor) => acceptor.release?.()))
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }

  /** A stream that throws ends its own connection, and keeps neither the others nor the server from closing. */
  async #closeConnection(
    connection: ServedConnection,
    options: { readonly graceMs?: number | undefined },
  ): Promise<void> {
    try {
      await connection.close(options)
    } catch (err) {
      this.#services.log.error(
        { connection: connection.id, err },
        'a connection could not be closed in order',
      )
      this.#giveUp(connection, 'the connection could not be closed in order', err)
    }
  }

  #giveUp(connection: ServedConnection, message: string, cause: unknown): void {
    try {
      connection.giveUp(message, cause)
    } catch (err) {
      this.#services.log.error(
        { connection: connection.id, err },
        'the stream of a connection does not abort',
      )
    }
    this.#connections.delete(connection)
  }

  #acceptorEvents(): AcceptorEvents {
    const { log } = this.#services
    return {
      accepted: (connection, from) => this.#acceptFrom(connection, from),
      acceptFailed: (err) => log.warn({ err }, 'accepting failed and is tried again'),
    }
  }

  #acceptFrom(connection: ByteStream | FrameChannel, from: AcceptedFrom): void {
    try {
      this.accept(connection, from)
    } catch (err) {
      const expected = ServerError.is(err)
      this.#services.log[expected ? 'warn' : 'error'](
        { remote: from.remoteEndpoint, err },
        expected ? 'a connection was turned away' : 'a connection could not be set up and was closed',
      )
    }
  }

  #opened(connection: ServedConnection, context: unknown): void {
    this.#services.log.info(
      { connection: connection.id, remote: connection.remoteEndpoint },
      'client connected',
    )
    const failed = (err: unknown) => {
      this.#services.log.error(
        { connection: connection.id, err },
        'onConnection failed: the connection is closed',
      )
      connection.giveUp('the connection could not be set up', err)
    }
    try {
      onLateFailure(this.#options.onConnection?.({ connection, context }), failed)
    } catch (error) {
      failed(error)
    }
  }

  #closed(connection: ServedConnection, reason: SessionCloseReason): void {
    this.#connections.delete(connection)
    const { code, message, cause } = reason
    const facts = { connection: connection.id, remote: connection.remoteEndpoint, code }
    const expected = code === 'CLOSED' || code === 'CONNECTION_LOST'
    this.#services.log[expected ? 'info' : 'warn'](
      cause === undefined ? facts : { ...facts, err: cause },
      `connection closed: ${message}`,
    )
  }

  #disconnected(connection: ServerConnection, context: unknown, reason: SessionCloseReason): void {
    const failed = (err: unknown) =>
      this.#services.log.error({ connection: connection.id, err }, 'onDisconnect failed')
    try {
      onLateFailure(this.#options.onDisconnect?.({ connection, context, reason }), failed)
    } catch (error) {
      failed(error)
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new ServerError('SERVER_CLOSED')
  }
}

/** Of a stream that is turned away: what its abort throws must not hide why. */
function abortQuietly(stream: ByteStream | FrameChannel): void {
  try {
    stream.abort()
  } catch {
    // There is nothing else that could end it.
  }
}
