import { type ByteStream, type FrameChannel, frameChannelOf, type SendVerdict } from '@frameport/framing'
import {
  type ContractEvent,
  type PayloadSentOf,
  RpcError,
  type SessionCloseReason,
} from '@frameport/protocol'
import type { TopicArguments } from '@frameport/protocol/contract'
import {
  createSession,
  type HelloInfo,
  type Session,
  type SessionEvent,
  type SessionHost,
  type SessionLimits,
} from '@frameport/protocol/session'
import { emptyContext } from './async-context.ts'
import { reasonOf } from './call/call-failure.ts'
import { type CallServices, serveCall } from './call/serve-call.ts'
import { checkCloseOptions } from './check-options.ts'
import { eventToSend, topicOf } from './events/event-to-send.ts'
import { type Subscriber, type Subscriptions, subscriptionKey } from './events/subscriptions.ts'
import type { ServerLimits } from './limits.ts'
import type { Hello, ServerConnection } from './server-types.ts'
import type { ConnectionStats } from './stats.ts'

/** What a connection needs of its server. */
export interface ConnectionServices extends CallServices {
  readonly subscriptions: Subscriptions
  readonly limits: ServerLimits
  readonly sessionLimits: Partial<SessionLimits>
  /** What all its connections share. */
  readonly host: SessionHost
  makeContext(hello: Hello, connection: ServerConnection): Promise<unknown>
  opened(connection: ServedConnection, context: unknown): void
  closed(connection: ServedConnection, reason: SessionCloseReason): void
  /** Follows `closed` for each connection whose context was made. */
  disconnected(connection: ServerConnection, context: unknown, reason: SessionCloseReason): void
}

/** One client of a server: its session, its context and its subscriptions. */
export class ServedConnection implements ServerConnection, Subscriber {
  readonly id: string
  readonly remoteEndpoint: string
  readonly #services: ConnectionServices
  readonly #session: Session
  readonly #subscribed = new Set<string>()
  readonly #closed: Promise<SessionCloseReason>
  #context: unknown

  /** @throws what the channel throws when it is started */
  constructor(
    id: string,
    remoteEndpoint: string,
    connection: FrameChannel | ByteStream,
    services: ConnectionServices,
  ) {
    this.id = id
    this.remoteEndpoint = remoteEndpoint
    this.#services = services
    let settleClosed!: (reason: SessionCloseReason) => void
    this.#closed = new Promise((resolve) => {
      settleClosed = resolve
    })
    this.#session = createSession({
      role: 'server',
      environment: services.environment,
      contracts: services.router.announcements,
      limits: services.sessionLimits,
      host: services.host,
      handlers: {
        hello: (hello) => inEmptyContext(() => this.#hello(hello)),
        opened: () => inEmptyContext(() => services.opened(this, this.#context)),
        call: (call) => void inEmptyContext(() => serveCall(services, call, this, this.#context)),
        event: () => undefined,
        wantsEvent: () => false,
        goaway: () => undefined,
        closed: (reason) => {
          this.#unsubscribeAll()
          settleClosed(reason)
          services.closed(this, reason)
        },
        uncaught: (err) => services.log.error({ connection: id, err }, 'a hook of the server threw'),
      },
    })
    this.#session.attach(frameChannelOf(connection))
  }

  get state(): Session['state'] {
    return this.#session.state
  }

  get callsInFlight(): number {
    return this.#session.callsInFlight
  }

  get queuedBytes(): number {
    return this.#session.queuedBytes
  }

  get subscriptions(): number {
    return this.#subscribed.size
  }

  stats(): ConnectionStats {
    return { ...this.#session.stats(), subscriptions: this.subscriptions }
  }

  closed(): Promise<SessionCloseReason> {
    return this.#closed
  }

  subscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void {
    const key = this.#keyOf(event, topic)
    if (this.state === 'closed' || this.#subscribed.has(key)) return
    const { subscriptionsPerConnectionMax: max } = this.#services.limits
    if (this.#subscribed.size >= max) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `This connection is subscribed to ${max} topics, as many as subscriptionsPerConnectionMax allows.`,
      )
    }
    this.#subscribed.add(key)
    this.#services.subscriptions.add(key, this)
  }

  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void {
    const key = this.#keyOf(event, topic)
    if (this.#subscribed.delete(key)) this.#services.subscriptions.remove(key, this)
  }

  emit<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): void {
    this.#services.router.checkEvent(event)
    const sent = eventToSend(event, topicAndPayload, this.#services.validateOutputs)
    if (this.#emit(sent) === 'slow') this.dropSlow(sent)
  }

  /** Ends a connection that nobody would look after: what it was to do has failed. */
  giveUp(message: string, cause: unknown): void {
    this.#session.abort({ code: 'ABORTED', message, cause })
  }

  close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const { graceMs } = checkCloseOptions(options)
      return inEmptyContext(() => this.#session.close(graceMs === undefined ? {} : { graceMs }))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  deliver(event: SessionEvent): 'taken' | 'slow' | 'gone' {
    try {
      return this.#emit(event)
    } catch (error) {
      // Each client announces how much it takes: what is too much for one must not be lost for the others.
      if (!RpcError.is(error) || error.code !== 'RESOURCE_EXHAUSTED') throw error
      const facts = { connection: this.id, event: event.event, err: error }
      this.#services.log.warn(facts, 'an event is too large for a subscriber and was left out for it')
      return 'gone'
    }
  }

  dropSlow(event: SessionEvent): void {
    const { slowSubscriberBytesMax } = this.#services.limits
    const queued = `${this.queuedBytes} bytes are queued for it, slowSubscriberBytesMax allows ${slowSubscriberBytesMax}`
    const message = `the client does not read its events (${event.event}): ${queued}`
    inEmptyContext(() => this.#session.abort({ code: 'LIMIT_EXCEEDED', message }))
  }

  #emit(event: SessionEvent): 'taken' | 'slow' | 'gone' {
    const verdict = this.#send(event)
    if (verdict === 'closed') return 'gone'
    const slow = verdict === 'full' && this.queuedBytes > this.#services.limits.slowSubscriberBytesMax
    return slow ? 'slow' : 'taken'
  }

  /** @throws ProtocolError INVALID_BODY, and RpcError RESOURCE_EXHAUSTED for more than the client takes */
  #send(event: SessionEvent): SendVerdict {
    try {
      return this.#session.emit(event)
    } catch (error) {
      throw reasonOf(error)
    }
  }

  async #hello(hello: HelloInfo): Promise<Record<never, never>> {
    const { auth, metadata, contracts } = hello
    const value = auth.kind === 'value' ? auth.value : auth.kind === 'raw' ? auth.bytes : undefined
    try {
      const context = await this.#services.makeContext({ auth: value, metadata, contracts }, this)
      this.#context = context
      // The client may be gone by now; what the context holds has to be given back all the same.
      void this.#closed.then((reason) => this.#services.disconnected(this, context, reason))
      return {}
    } catch (error) {
      if (RpcError.is(error)) throw error
      this.#services.log.error(
        { connection: this.id, err: error },
        'the context of a connection could not be made',
      )
      throw new RpcError('INTERNAL', `The server failed. Its log has the reason under ${this.id}.`, {
        cause: error,
      })
    }
  }

  #keyOf(event: ContractEvent, args: readonly unknown[]): string {
    this.#services.router.checkEvent(event)
    return subscriptionKey({ event: event.wireName, topic: topicOf(event, args) })
  }

  #unsubscribeAll(): void {
    for (const key of this.#subscribed) this.#services.subscriptions.remove(key, this)
    this.#subscribed.clear()
  }
}

/**
 * Whoever makes a connection do something (its stream, a handler of another one that publishes or closes it), what
 * users wrote for it runs in the context of nobody.
 */
function inEmptyContext<Result>(run: () => Result): Result {
  return emptyContext.runInAsyncScope(run)
}
