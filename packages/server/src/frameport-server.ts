import type { ByteStream, FrameChannel } from '@frameport/framing'
import { onLateFailure } from '@frameport/framing/checks'
import type { Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { ContractEvent, PayloadSentOf, SessionCloseReason } from '@frameport/protocol'
import type { TopicArguments } from '@frameport/protocol/contract'
import { createSessionHost } from '@frameport/protocol/session'
import type { AcceptedFrom, Acceptor, AcceptorListener } from './acceptor.ts'
import { abortQuietly, acceptorEvents } from './acceptor-events.ts'
import { HandlerCount } from './call/handler-count.ts'
import { checkAccepted, checkCloseOptions } from './check-options.ts'
import { checkAuthorizer, checkServerOptions } from './check-server-options.ts'
import { CloseAttempts } from './close-attempts.ts'
import { eventToSend, payloadOf, topicOf } from './events/event-to-send.ts'
import { ServerLedger } from './events/server-ledger.ts'
import { Subscriptions, subscriptionKey } from './events/subscriptions.ts'
import { checkImplementation } from './handlers/implement.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { Router } from './handlers/router.ts'
import { resolveServerLimits } from './limits.ts'
import { Listeners } from './listeners.ts'
import { guardedLogger, silentLogger } from './logger.ts'
import { resolveAcceptor } from './resolve-acceptor.ts'
import { type ConnectionServices, ServedConnection } from './served-connection.ts'
import { ServerError } from './server-error.ts'
import type { ServerPlatform } from './server-transport.ts'
import type { Publication, Server, ServerConnection, ServerListener, ServerOptions } from './server-types.ts'
import type { ServerStats } from './stats.ts'

/**
 * A server over the transports of a platform. It knows none by itself.
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`; ProtocolError `INVALID_CONTRACT` for what is no implementation
 */
export function openServer(
  implementations: readonly Implementation<never, unknown>[],
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
  readonly #listeners: Listeners
  readonly #attempts: CloseAttempts
  readonly #transports: ServerPlatform['transports']
  #lastId = 0
  #isClosing = false
  #closing: Promise<void> | undefined

  constructor(
    implementations: readonly Implementation<never, unknown>[],
    options: ServerOptions<unknown>,
    { environment, transports }: ServerPlatform,
  ) {
    const limits = resolveServerLimits(options.limits)
    const clock = options.environment ?? environment
    const { serverTurnMs: turnMs, memoryBytesMax } = limits.server
    this.#options = options
    this.#transports = transports
    const router = new Router(implementations, { strict: options.strict ?? false })
    checkAuthorizer(router.hasClientEvents, options.authorizeSubscribe)
    this.#services = {
      router,
      authorizeSubscribe: router.hasClientEvents ? options.authorizeSubscribe : undefined,
      handlers: new HandlerCount(limits.server.handlersInFlightMax),
      subscriptions: new Subscriptions(),
      environment: clock,
      host: createSessionHost({ environment: clock, turnMs, memoryBytesMax }),
      eventLedger: new ServerLedger(limits.server.eventBytesWaitingMax),
      log: options.log === undefined ? silentLogger : guardedLogger(options.log),
      validateOutputs: options.validateOutputs ?? false,
      limits: limits.server,
      sessionLimits: limits.session,
      makeContext: async (hello, connection) => options.context?.({ hello, connection }) ?? {},
      opened: (connection, context) => this.#opened(connection, context),
      closed: (connection, reason) => this.#closed(connection, reason),
      disconnected: (connection, context, reason) => this.#disconnected(connection, context, reason),
    }
    const { log } = this.#services
    this.#attempts = new CloseAttempts(this.#services.environment, log, limits.server.transportCloseTimeoutMs)
    this.#listeners = new Listeners(this.#attempts)
  }

  get connections(): ReadonlySet<ServerConnection> {
    return this.#connections
  }

  stats(): ServerStats {
    const { handlers, subscriptions, eventLedger, host } = this.#services
    const { bytes, bytesMax, gaveUp } = host.memory
    return {
      connections: this.#connections.size,
      handlersInFlight: handlers.running,
      topics: subscriptions.topics,
      events: eventLedger.counters(),
      memory: { bytes, bytesMax, connectionsGivenUp: gaveUp },
      connectionsWaitingForTurn: host.turns.waiting,
    }
  }

  listen(endpoint: Endpoint | string, options?: ListenOptions): Promise<ServerListener>
  listen(acceptor: Acceptor): Promise<AcceptorListener>
  async listen(target: Endpoint | string | Acceptor, given: ListenOptions = {}): Promise<AcceptorListener> {
    const acceptor = resolveAcceptor(target, given, this.#transports)
    this.#checkOpen()
    const { log } = this.#services
    const events = acceptorEvents(acceptor.url, log, (connection, from, defaultRemote) =>
      this.#accept(connection, from, defaultRemote),
    )
    const listener = await this.#listeners.listen(acceptor, events)
    const { url, backend } = listener
    log.info(backend === undefined ? { url } : { url, backend }, 'listening')
    return listener
  }

  accept(stream: ByteStream | FrameChannel, from: AcceptedFrom = {}): ServerConnection {
    return this.#accept(stream, from, 'memory:')
  }

  #accept(stream: ByteStream | FrameChannel, from: AcceptedFrom, defaultRemote: string): ServerConnection {
    const { remoteEndpoint = defaultRemote } = checkAccepted(stream, from)
    const { connectionsMax } = this.#services.limits
    if (this.#isClosing) {
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
  ): Publication {
    const { router, subscriptions, eventLedger, validateOutputs } = this.#services
    router.checkEvent(event)
    const payload = payloadOf(event, topicAndPayload, validateOutputs)
    const topic = topicOf(event, topicAndPayload)
    return subscriptions.publish(subscriptionKey(event.wireName, topic), () =>
      eventToSend(event, topic, payload, eventLedger),
    )
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

  /** Everything is attempted, and nothing of it rejects: what fails is in the log. */
  async #close(options: { readonly graceMs?: number | undefined }): Promise<void> {
    this.#isClosing = true
    await Promise.all([
      this.#listeners.close(),
      ...[...this.#connections].map((connection) => this.#closeConnection(connection, options)),
    ])
    await this.#listeners.release()
    await Promise.all(
      this.#transports.map((transport) =>
        this.#attempts.make('a transport', undefined, () => transport.close()),
      ),
    )
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
    if (this.#isClosing) throw new ServerError('SERVER_CLOSED')
  }
}
