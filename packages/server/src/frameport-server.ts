import { type ByteStream, type FrameChannel, FramingError } from '@frameport/framing'
import { abortQuietly, callReporting } from '@frameport/framing/checks'
import type { Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { ContractEvent, PayloadSentOf, SessionCloseReason } from '@frameport/protocol'
import { asyncDispose, whereGivenAgain } from '@frameport/protocol/checks'
import type { TopicArguments } from '@frameport/protocol/contract'
import { uploadWindows } from '@frameport/protocol/serving'
import { Allowance, createSessionHost, type SessionEnvironment } from '@frameport/protocol/session'
import type { AcceptedFrom, Acceptor, AcceptorListener } from './acceptor.ts'
import { acceptorEvents } from './acceptor-events.ts'
import { HandlerCount } from './call/handler-count.ts'
import { checkAccepted, checkCloseOptions } from './check-options.ts'
import {
  checkAuthorizer,
  checkContextOption,
  checkedContext,
  checkServerOptions,
} from './check-server-options.ts'
import { CloseAttempts } from './close-attempts.ts'
import { closeConnections } from './close-connections.ts'
import type { ServerConnection } from './connection-types.ts'
import { loggerOf } from './console-logger.ts'
import { checkSendable, checkTopicOf, eventToSend, payloadOf, topicOf } from './events/event-to-send.ts'
import { ServerLedger } from './events/server-ledger.ts'
import { Subscriptions, subscriptionKey } from './events/subscriptions.ts'
import { ContractNotices } from './handlers/contract-notices.ts'
import { checkedImplementations } from './handlers/implement.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { Router } from './handlers/router.ts'
import { resolveServerLimits, type ServerLimits } from './limits.ts'
import { Listeners } from './listeners.ts'
import type { ServerOptions } from './option-types.ts'
import { resolveAcceptor } from './resolve-acceptor.ts'
import { type ConnectionServices, ServedConnection } from './served-connection.ts'
import { ServerError } from './server-error.ts'
import type { ServerPlatform } from './server-transport.ts'
import type { Publication, Server, ServerListener } from './server-types.ts'
import { Membership } from './shares/membership.ts'
import type { Share } from './shares/share.ts'
import { Shares } from './shares/shares.ts'
import type { ServerStats } from './stats.ts'

/**
 * A server over the transports of a platform. It knows none by itself.
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`; ProtocolError `INVALID_CONTRACT` for what is no implementation
 */
export function openServer(
  given: Implementation<never, unknown> | readonly Implementation<never, unknown>[],
  givenOptions: ServerOptions<unknown>,
  platform: (options: ServerOptions<unknown>) => ServerPlatform,
): Server {
  const implementations = checkedImplementations(given, 'createServer')
  const options = checkServerOptions(givenOptions)
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
    { environment, transports, handledCalls }: ServerPlatform,
  ) {
    const limits = resolveServerLimits(options.limits)
    const clock = options.environment ?? environment
    const { serverTurnMs: turnMs, memoryBytesMax } = limits.server
    this.#options = options
    this.#transports = transports
    const log = loggerOf(options.log)
    const mayHint = hintAllowance(clock, limits.server)
    const router = new Router(implementations, { strict: options.strict ?? false, mayHint })
    const callsClients = router.contracts.some(
      ({ clientProcedureEntries }) => clientProcedureEntries.size > 0,
    )
    checkContextOption(implementations, options.context)
    checkAuthorizer(router.hasClientEvents, options.authorizeSubscribe)
    this.#services = {
      router,
      authorizeSubscribe: router.hasClientEvents ? options.authorizeSubscribe : undefined,
      handlers: new HandlerCount(limits.server),
      subscriptions: new Subscriptions(),
      contractNotices: new ContractNotices(router.announcements),
      environment: clock,
      host: createSessionHost({ environment: clock, turnMs, memoryBytesMax }),
      eventLedger: new ServerLedger(limits.server.eventBytesWaitingMax),
      log,
      shares: new Shares({ environment: clock, log, limits: limits.server, shareKey: options.shareKey }),
      validateOutputs: options.validateOutputs ?? true,
      uploads: uploadWindows(limits.server, limits.session),
      clientCalls: {
        interceptors: options.clientCalls?.interceptors ?? [],
        defaultDeadlineMs: options.clientCalls?.defaultDeadlineMs,
        streamWindow: { items: limits.server.streamWindowItems, bytes: limits.server.streamWindowBytes },
        // Now, so that it knows of the handler that makes the first call.
        handledCalls:
          callsClients && options.clientCalls?.inheritDeadline !== false ? handledCalls() : undefined,
      },
      publish: this.publish.bind(this),
      connections: this.#connections,
      limits: limits.server,
      sessionLimits: limits.session,
      makeContext: async (hello, connection) =>
        options.context === undefined ? {} : checkedContext(await options.context({ hello, connection })),
      opened: (connection, context) => this.#opened(connection, context),
      closed: (connection, reason) => this.#closed(connection, reason),
      disconnected: (connection, context, reason) => this.#disconnected(connection, context, reason),
    }
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
  listen(acceptor: Acceptor): Promise<AcceptorListener & AsyncDisposable>
  async listen(
    target: Endpoint | string | Acceptor,
    given: ListenOptions = {},
  ): Promise<AcceptorListener & AsyncDisposable> {
    const acceptor = resolveAcceptor(target, given, this.#transports)
    this.#checkOpen()
    const { log } = this.#services
    const events = acceptorEvents(acceptor.url, log, (...accepted) => this.#accept(...accepted))
    const listener = await this.#listeners.listen(acceptor, events)
    const { backend, urls = [listener.url] } = listener
    // One line for each address, of which a name may have several.
    for (const url of urls) log.info(backend === undefined ? { url } : { url, backend }, 'listening')
    return listener
  }

  accept(stream: ByteStream | FrameChannel, from: AcceptedFrom = {}): ServerConnection {
    return this.#accept(stream, from, 'memory:')
  }

  #accept(
    stream: ByteStream | FrameChannel,
    from: AcceptedFrom,
    defaultRemote: string,
    known?: (share: Share) => void,
  ): ServerConnection {
    const { remoteEndpoint = defaultRemote } = checkAccepted(stream, from)
    let connection: ServedConnection
    try {
      this.#checkOpen()
      const share = this.#services.shares.of({ remoteEndpoint, context: undefined })
      known?.(share)
      connection = this.#serve(stream, remoteEndpoint, share)
    } catch (error) {
      // Nobody else would end it.
      abortQuietly(stream)
      throw whereGivenAgain(error)
    }
    this.#connections.add(connection)
    connection.log.debug({ connection: connection.id, remote: connection.remoteEndpoint }, 'connected')
    return connection
  }

  #serve(stream: ByteStream | FrameChannel, remoteEndpoint: string, share: Share): ServedConnection {
    const { limits } = this.#services
    if (this.#connections.size >= limits.connectionsMax)
      throw new ServerError('CONNECTIONS_MAX', `${limits.connectionsMax} connections`)
    const membership = new Membership(share, limits)
    try {
      return new ServedConnection(`c${++this.#lastId}`, remoteEndpoint, stream, membership, this.#services)
    } catch (error) {
      membership.leave()
      throw error
    }
  }

  publish<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): Publication {
    const { router, subscriptions, eventLedger, validateOutputs } = this.#services
    router.checkEvent(event)
    const payload = payloadOf(event, topicAndPayload, validateOutputs)
    const topic = topicOf(event, topicAndPayload)
    const key = subscriptionKey(event.wireName, topic)
    if (!subscriptions.has(key)) {
      if (validateOutputs) checkTopicOf(event, topicAndPayload)
      checkSendable(event, payload)
    }
    return subscriptions.publish(key, () => eventToSend(event, topic, payload, eventLedger))
  }

  close(given: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const options = checkCloseOptions(given)
      if (this.#closing === undefined) this.#closing = this.#close(options)
      else if (options.graceMs !== undefined)
        void closeConnections(this.#connections, this.#services.host.endings, options)
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Everything is attempted, and nothing of it rejects: what fails is in the log. */
  async #close(options: { readonly graceMs?: number | undefined }): Promise<void> {
    this.#isClosing = true
    const { host, shares } = this.#services
    await Promise.all([this.#listeners.close(), closeConnections(this.#connections, host.endings, options)])
    shares.close()
    await this.#listeners.release()
    await Promise.all(
      this.#transports.map((transport) =>
        this.#attempts.make('a transport', undefined, () => transport.close()),
      ),
    )
  }

  #opened(connection: ServedConnection, context: unknown): void {
    connection.log.info({ connection: connection.id, remote: connection.remoteEndpoint }, 'client connected')
    const failed = (err: unknown) => {
      connection.log.error(
        { connection: connection.id, err },
        'onConnection failed: the connection is closed',
      )
      connection.giveUp('the connection could not be set up', err)
    }
    const { publish, connections } = this.#services
    callReporting(() => this.#options.onConnection?.({ connection, context, publish, connections }), failed)
  }

  #closed(connection: ServedConnection, reason: SessionCloseReason): void {
    this.#connections.delete(connection)
    const { code, message, cause } = reason
    const stranger = FramingError.is(cause) ? cause.likelyProtocol : undefined
    const facts = {
      connection: connection.id,
      remote: connection.remoteEndpoint,
      code,
      ...(stranger === undefined ? {} : { likelyProtocol: stranger }),
    }
    const expected = code === 'CLOSED' || code === 'CONNECTION_LOST'
    // What a peer did wrong is in the message. Its cause would add the stack of the decoder, which is at no fault.
    const isOurs = code === 'ABORTED' || code === 'CONNECTION_LOST'
    connection.log[expected ? 'info' : 'warn'](
      cause === undefined || !isOurs ? facts : { ...facts, err: cause },
      `connection closed: ${message}`,
    )
  }

  #disconnected(connection: ServedConnection, context: unknown, reason: SessionCloseReason): void {
    const failed = (err: unknown) =>
      connection.log.error({ connection: connection.id, err }, 'onDisconnect failed')
    const { publish, connections } = this.#services
    callReporting(
      () => this.#options.onDisconnect?.({ connection, context, reason, publish, connections }),
      failed,
    )
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new ServerError('SERVER_CLOSED')
  }
}

/** How often a refusal may say which name was probably meant. Most servers never refuse one. */
function hintAllowance(clock: SessionEnvironment, { hintsPerSecondMax }: ServerLimits): () => boolean {
  let hints: Allowance | undefined
  return () => {
    hints ??= new Allowance(clock, { burst: hintsPerSecondMax, perSecond: hintsPerSecondMax })
    return hints.take()
  }
}
