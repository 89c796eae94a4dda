import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly } from '@frameport/framing/checks'
import type { Endpoint, ListenOptions } from '@frameport/iocp-core'
import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { ContractEvent, PayloadSentOf } from '@frameport/protocol'
import { asyncDispose, type ServerCloseOptions, whereGivenAgain } from '@frameport/protocol/checks'
import type { TopicArguments } from '@frameport/protocol/contract'
import { defaultConnectionLimits } from '@frameport/protocol/session'
import type { AcceptedFrom, Acceptor, AcceptorListener } from './acceptor.ts'
import { acceptorEvents } from './acceptor-events.ts'
import { checkAccepted, checkServerCloseOptions } from './check-options.ts'
import { checkServerOptions } from './check-server-options.ts'
import { CloseAttempts } from './close-attempts.ts'
import { closeConnections } from './close-connections.ts'
import { ConnectionAges } from './connection-ages.ts'
import type { ConnectionServices } from './connection-services.ts'
import { ConnectionTotals } from './connection-totals.ts'
import type { ServerConnection } from './connection-types.ts'
import { EndAnnouncement } from './end-announcement.ts'
import { LoggedEvents } from './event-log/publish-logged.ts'
import { BusEvents } from './events/bus-events.ts'
import {
  bodyToKeep,
  checkSendable,
  checkTopicOf,
  eventToSend,
  keptToSend,
  payloadOf,
  publishOptionsOf,
  topicOf,
} from './events/event-to-send.ts'
import { subscriptionKey } from './events/subscriptions.ts'
import { checkedImplementations } from './handlers/implement.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import { type ResolvedServerLimits, resolveServerLimits } from './limits.ts'
import { Listeners } from './listeners.ts'
import type { ServerOptions } from './option-types.ts'
import { resolveAcceptor } from './resolve-acceptor.ts'
import { ServedConnection } from './served-connection.ts'
import type { PeerFacts } from './served-session.ts'
import { ServerError } from './server-error.ts'
import type { ServerListener } from './server-listener.ts'
import { serverServices } from './server-services.ts'
import type { ServerPlatform } from './server-transport.ts'
import type { Publication, PublishOptions, Server } from './server-types.ts'
import { Membership } from './shares/membership.ts'
import { Seats } from './shares/seats.ts'
import type { Share } from './shares/share.ts'
import type { ServerStats } from './stats.ts'
import type { TlsListenOptions, TlsServerListener } from './tls-options.ts'
import { type TopicFeedsServices, topicFeed } from './topic-feeds.ts'

/**
 * Creates a server over the transports of a platform.
 *
 * @throws ServerError `DUPLICATE_CONTRACT`, `INVALID_LIMITS`, `INVALID_OPTION`, `BUS_FAILED`; ProtocolError
 * `INVALID_CONTRACT` if an argument is not an implementation
 */
export function openServer(
  given: Implementation<never, unknown> | readonly Implementation<never, unknown>[],
  givenOptions: ServerOptions<unknown>,
  platform: (options: ServerOptions<unknown>) => ServerPlatform,
): Server {
  const implementations = checkedImplementations(given, 'createServer')
  const options = checkServerOptions(givenOptions)
  // Here, and not deeper: the stack of an error has ten places, and one of them has to be the caller's.
  const limits = resolveServerLimits(options.limits)
  return new FrameportServer(implementations, options, limits, platform(options))
}

class FrameportServer implements Server {
  readonly #services: ConnectionServices
  readonly #loggedEvents: LoggedEvents
  readonly #busEvents: BusEvents | undefined
  readonly #feeds: TopicFeedsServices
  readonly #connections = new Set<ServedConnection>()
  readonly #totals = new ConnectionTotals()
  readonly #seats: Seats
  readonly #listeners: Listeners
  readonly #attempts: CloseAttempts
  readonly #transports: ServerPlatform['transports']
  readonly #ages: ConnectionAges | undefined
  readonly #closeGraceMs: number
  #lastId = 0
  #accepted = 0
  /** The first step of closing: clients are asked to connect elsewhere. */
  #announcement: EndAnnouncement | undefined
  #isClosing = false
  #closing: Promise<void> | undefined
  /** The grace of open calls that the shortest `close()` has asked for; undefined for the default. */
  #graceMs: number | undefined

  constructor(
    implementations: readonly Implementation<never, unknown>[],
    options: ServerOptions<unknown>,
    resolvedLimits: ResolvedServerLimits,
    platform: ServerPlatform,
  ) {
    const services = serverServices(implementations, options, resolvedLimits, platform, {
      publish: this.publish.bind(this),
      connections: this.#connections,
      feed: (key) => topicFeed(key, this.#feeds),
      connected: (connection) => {
        this.#ages?.began(connection)
        this.#announcement?.announce(connection)
      },
      lost: (connection) => this.#ages?.ended(connection),
      left: (connection) => {
        this.#ages?.ended(connection)
        // False for a connection that could not be accepted: it was never in the set.
        if ((this.#connections as Set<ServerConnection>).delete(connection)) this.#totals.left(connection)
      },
    })
    const { router, environment, eventLedger, log, limits, sessionLimits } = services
    this.#services = services
    this.#seats = new Seats(limits)
    this.#transports = platform.transports
    this.#loggedEvents = new LoggedEvents(services)
    const { eventBus } = options
    if (eventBus !== undefined)
      this.#busEvents = new BusEvents(eventBus, {
        ...services,
        busTimeoutMs: limits.busTimeoutMs,
        eventNamed: (name) => router.eventNamed(name),
        encode: (event, { topic, body }) => keptToSend(event, topic, body, eventLedger),
      })
    this.#feeds = { ...services, busEvents: this.#busEvents }
    this.#closeGraceMs = sessionLimits.closeGraceMs ?? defaultConnectionLimits.closeGraceMs
    const { maxConnectionAgeMs: ageMs } = options
    this.#ages =
      ageMs === undefined
        ? undefined
        : new ConnectionAges({ environment, ageMs, noticeMs: this.#closeGraceMs })
    this.#attempts = new CloseAttempts(environment, log, limits.transportCloseTimeoutMs)
    this.#listeners = new Listeners(this.#attempts)
  }

  get connections(): ReadonlySet<ServerConnection> {
    return this.#connections
  }

  stats(): ServerStats {
    const { handlers, subscriptions, eventLedger, host } = this.#services
    const { bytes: memoryBytes, bytesMax, gaveUp } = host.memory
    const { queuedBytes, ...bytes } = this.#totals.now(this.#connections)
    return {
      connections: this.#connections.size,
      connectionsDetached: this.#seats.detached,
      totals: { connectionsAccepted: this.#accepted, ...handlers.totals, ...bytes },
      listeners: this.#listeners.facts(),
      queuedBytes,
      handlersInFlight: handlers.running,
      topics: subscriptions.topics,
      events: eventLedger.counters(),
      memory: { bytes: memoryBytes, bytesMax, connectionsGivenUp: gaveUp },
      connectionsWaitingForTurn: host.turns.waiting,
    }
  }

  listen(endpoint: `tls://${string}` | TlsEndpoint, options: TlsListenOptions): Promise<TlsServerListener>
  listen(endpoint: Endpoint | string, options?: ListenOptions | TlsListenOptions): Promise<ServerListener>
  listen(acceptor: Acceptor): Promise<AcceptorListener & AsyncDisposable>
  async listen(
    target: Endpoint | TlsEndpoint | string | Acceptor,
    given: ListenOptions | TlsListenOptions = {},
  ): Promise<AcceptorListener & AsyncDisposable> {
    const acceptor = resolveAcceptor(target, given, this.#transports)
    this.#checkOpen(this.#closing !== undefined)
    const { log } = this.#services
    const events = acceptorEvents(acceptor.url, log, (...accepted) => this.#accept(...accepted))
    const listener = await this.#listeners.listen(acceptor, events)
    const { backend, urls = [listener.url] } = listener
    // A host name can have several addresses: one line for each.
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
    const { remoteEndpoint = defaultRemote, tls } = checkAccepted(stream, from)
    let connection: ServedConnection
    try {
      this.#checkOpen()
      const share = this.#services.shares.of({ remoteEndpoint, context: undefined })
      known?.(share)
      connection = this.#serve(stream, { remoteEndpoint, tls }, share)
    } catch (error) {
      // The server owns the stream, so nothing else would close it.
      abortQuietly(stream)
      throw whereGivenAgain(error)
    }
    this.#connections.add(connection)
    this.#accepted += 1
    connection.log.debug({ connection: connection.id, remote: connection.remoteEndpoint }, 'connected')
    return connection
  }

  #serve(stream: ByteStream | FrameChannel, peer: PeerFacts, share: Share): ServedConnection {
    const membership = new Membership(this.#seats, share, this.#services.limits)
    try {
      return new ServedConnection(`c${++this.#lastId}`, peer, stream, membership, this.#services)
    } catch (error) {
      membership.leave()
      throw error
    }
  }

  publish<E extends ContractEvent>(
    event: E,
    ...given: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>, options?: PublishOptions]
  ): Publication {
    const { router, subscriptions, eventLedger, eventLogs, validateOutputs } = this.#services
    router.checkEvent(event)
    const topicAndPayload: readonly unknown[] = given
    const payload = payloadOf(event, topicAndPayload, validateOutputs)
    const topic = topicOf(event, topicAndPayload)
    const key = subscriptionKey(event.wireName, topic)
    eventLedger.published()
    const log = eventLogs?.get(event.wireName)
    const { id } = publishOptionsOf(event, topicAndPayload, log !== undefined)
    if (log !== undefined) {
      // Even if there are subscribers, because events in a log are read by others, too.
      if (validateOutputs) checkTopicOf(event, topicAndPayload)
      return this.#loggedEvents.publish(log, event, topic, payload, id)
    }
    if (!subscriptions.has(key)) {
      if (validateOutputs) checkTopicOf(event, topicAndPayload)
      checkSendable(event, payload)
    }
    if (this.#busEvents === undefined)
      return subscriptions.publish(key, () => eventToSend(event, topic, payload, eventLedger))
    const body = bodyToKeep(event, payload)
    const local = subscriptions.publish(key, () => keptToSend(event, topic, body, eventLedger))
    return this.#busEvents.publish({ event: event.wireName, topic, body }, local)
  }

  close(given: ServerCloseOptions = {}): Promise<void> {
    try {
      const options = checkServerCloseOptions(given)
      if (this.#closing === undefined) {
        this.#graceMs = options.graceMs
        this.#closing = this.#close(options)
      } else this.#closeEarlier(options)
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Attempts each step even if another one fails. Failures are logged; the promise does not reject. */
  async #close({ announceMs = 0 }: ServerCloseOptions): Promise<void> {
    const { host, shares, logCalls, environment, log } = this.#services
    if (announceMs > 0) {
      const facts = { connections: this.#connections.size, announceMs }
      log.info(facts, 'the server will close: asking clients to connect elsewhere')
      this.#announcement = new EndAnnouncement(environment, this.#connections, announceMs)
      await this.#announcement.over
    }
    this.#isClosing = true
    const facts = { connections: this.#connections.size, detached: this.#seats.detached }
    log.info(facts, 'the server is closing')
    await Promise.all([
      this.#listeners.close(),
      closeConnections(this.#connections, host.endings, { graceMs: this.#graceMs }),
    ])
    shares.close()
    logCalls.close()
    await this.#busEvents?.leave()
    await this.#listeners.release()
    await Promise.all(
      this.#transports.map((transport) =>
        this.#attempts.make('a transport', undefined, () => transport.close()),
      ),
    )
  }

  /** A further `close()`: the earlier of the two ends counts. */
  #closeEarlier({ announceMs, graceMs }: ServerCloseOptions): void {
    if (announceMs !== undefined || graceMs !== undefined) this.#announcement?.endWithin(announceMs ?? 0)
    if (graceMs === undefined) return
    this.#graceMs = Math.min(this.#graceMs ?? this.#closeGraceMs, graceMs)
    if (this.#isClosing) void closeConnections(this.#connections, this.#services.host.endings, { graceMs })
  }

  #checkOpen(isClosing = this.#isClosing): void {
    if (isClosing) throw new ServerError('SERVER_CLOSED')
  }
}
