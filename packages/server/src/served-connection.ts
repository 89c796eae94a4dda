import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import {
  type Contract,
  type ContractEvent,
  type PayloadSentOf,
  RpcError,
  type SessionCloseReason,
} from '@frameport/protocol'
import type { ClientProcedures } from '@frameport/protocol/calling'
import type { TopicArguments } from '@frameport/protocol/contract'
import {
  createSession,
  type EventEncoding,
  type HelloInfo,
  type IncomingCall,
  type IncomingSubscription,
  type Session,
  type SessionHost,
  type SessionLimits,
} from '@frameport/protocol/session'
import { emptyContext } from './async-context.ts'
import { CallSource, type CallSourceServices } from './call/call-source.ts'
import { type ClientCallServices, ClientCalls } from './call/client-calls.ts'
import { type CallServices, serveCall } from './call/serve-call.ts'
import { type SubscriptionServices, serveSubscription } from './call/serve-subscription.ts'
import { checkCloseOptions } from './check-options.ts'
import type { Hello, ServerConnection } from './connection-types.ts'
import { ConnectionSubscriptions } from './events/connection-subscriptions.ts'
import { checkTopicOf, eventToSend, payloadOf, topicOf } from './events/event-to-send.ts'
import type { ServerLedger } from './events/server-ledger.ts'
import { type Subscriber, type Subscriptions, subscriptionKey } from './events/subscriptions.ts'
import type { ContractNotices } from './handlers/contract-notices.ts'
import type { ServerLimits } from './limits.ts'
import type { Logger } from './logger.ts'
import { ServerError } from './server-error.ts'
import type { Membership } from './shares/membership.ts'
import type { Shares } from './shares/shares.ts'
import type { ConnectionStats } from './stats.ts'

/** What a connection needs of its server. */
export interface ConnectionServices
  extends CallServices,
    CallSourceServices,
    ClientCallServices,
    SubscriptionServices {
  readonly subscriptions: Subscriptions
  readonly contractNotices: ContractNotices
  readonly eventLedger: ServerLedger
  readonly shares: Shares
  readonly log: Logger
  readonly limits: ServerLimits
  readonly sessionLimits: Partial<SessionLimits>
  /** What all its connections share. */
  readonly host: SessionHost
  makeContext(hello: Hello, connection: ServerConnection): Promise<unknown>
  opened(connection: ServedConnection, context: unknown): void
  closed(connection: ServedConnection, reason: SessionCloseReason): void
  /** Follows `closed` for each connection whose context was made. */
  disconnected(connection: ServedConnection, context: unknown, reason: SessionCloseReason): void
}

/** One client of a server: its session, its context and its subscriptions. */
export class ServedConnection implements ServerConnection, Subscriber {
  readonly id: string
  readonly remoteEndpoint: string
  readonly #services: ConnectionServices
  readonly #membership: Membership
  readonly #session: Session
  readonly #subscribed: ConnectionSubscriptions
  readonly #closed: Promise<SessionCloseReason>
  #context: unknown
  #source: CallSource | undefined
  #clientCalls: ClientCalls | undefined

  /** @throws what the channel throws when it is started */
  constructor(
    id: string,
    remoteEndpoint: string,
    connection: FrameChannel | ByteStream,
    membership: Membership,
    services: ConnectionServices,
  ) {
    this.id = id
    this.remoteEndpoint = remoteEndpoint
    this.#services = services
    const { subscriptionsPerConnectionMax } = services.limits
    this.#subscribed = new ConnectionSubscriptions(
      this,
      services.subscriptions,
      subscriptionsPerConnectionMax,
      {
        take: (bytes) => this.#session.takeMemory(bytes),
        give: (bytes) => this.#session.giveMemory(bytes),
      },
    )
    this.#membership = membership
    let settleClosed!: (reason: SessionCloseReason) => void
    this.#closed = new Promise((resolve) => {
      settleClosed = resolve
    })
    this.#session = createSession({
      role: 'server',
      environment: services.environment,
      contracts: services.router.announcements,
      limits: services.sessionLimits,
      host: { ...services.host, share: () => membership.share.key },
      refusals: { take: () => membership.share.takeRefusal() },
      handlers: {
        hello: (hello) => inEmptyContext(() => this.#hello(hello)),
        opened: () => inEmptyContext(() => services.opened(this, this.#context)),
        call: (call) => emptyContext.scope().runInAsyncScope(this.#call, this, call),
        event: () => undefined,
        wantsEvent: () => false,
        ...(services.authorizeSubscribe === undefined
          ? {}
          : { subscription: (request) => this.#subscription(request) }),
        onewayDropped: (dropped) =>
          this.log.warn({ connection: id, ...dropped }, 'a call without an answer was not run'),
        goaway: () => undefined,
        closed: (reason) => {
          this.#subscribed.clear()
          membership.leave()
          settleClosed(reason)
          services.closed(this, reason)
        },
        uncaught: (err) => this.log.error({ connection: id, err }, 'a hook of the server threw'),
      },
    })
    this.#session.attach(frameChannelOf(connection))
  }

  /** What the server writes of this connection goes here. */
  get log(): Logger {
    return this.#membership.share.log
  }

  get state(): ServerConnection['state'] {
    // It ends with its connection.
    return this.#session.state as Exclude<Session['state'], 'detached'>
  }

  get context(): unknown {
    return this.#context
  }

  get callsInFlight(): number {
    return this.#session.callsInFlight
  }

  get queuedBytes(): number {
    return this.#session.queuedBytes + this.#session.eventBytesWaiting
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
    checkTopicOf(event, topic)
    if (this.state !== 'closed') this.#subscribed.add(key, 'handlers')
  }

  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void {
    this.#subscribed.remove(this.#keyOf(event, topic), 'handlers')
  }

  emit<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): void {
    this.#services.router.checkEvent(event)
    const { eventLedger, validateOutputs } = this.#services
    const payload = payloadOf(event, topicAndPayload, validateOutputs)
    const topic = topicOf(event, topicAndPayload)
    if (validateOutputs) checkTopicOf(event, topicAndPayload)
    const sent = eventToSend(event, topic, payload, eventLedger)
    this.#session.emit(sent)
  }

  /** Ends a connection that nobody would look after: what it was to do has failed. */
  giveUp(message: string, cause: unknown): void {
    this.#membership.leave()
    this.#session.abort({ code: 'ABORTED', message, cause })
  }

  close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const { graceMs } = checkCloseOptions(options)
      const closedBy = 'this server closed the connection'
      return inEmptyContext(() => this.#session.close({ graceMs, closedBy }))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  client<C extends Contract>(contract: C): ClientProcedures<C['clientProcedures']> {
    this.#clientCalls ??= new ClientCalls(this.#services, this.#session, (err) =>
      this.log.error({ connection: this.id, err }, 'a hook of a call to a client threw'),
    )
    return this.#clientCalls.of(contract) as ClientProcedures<C['clientProcedures']>
  }

  deliver(event: EventEncoding): 'taken' | 'waiting' | 'leftOut' | 'gone' {
    try {
      const verdict = this.#session.emit(event)
      if (verdict === 'closed') return 'gone'
      return verdict === 'waiting' || verdict === 'leftOut' ? verdict : 'taken'
    } catch (error) {
      // Each client announces how much it takes: what is too much for one must not be lost for the others.
      if (!RpcError.is(error) || error.code !== 'RESOURCE_EXHAUSTED') throw error
      const facts = { connection: this.id, event: event.event, err: error }
      this.log.warn(facts, 'an event is too large for a subscriber and was left out for it')
      this.#session.leaveOut(event)
      return 'leftOut'
    }
  }

  eventsSent(): Promise<boolean> {
    return this.#session.eventsSent()
  }

  #call(call: IncomingCall): void {
    serveCall(this.#services, call, this.#sourceOfCalls())
  }

  /** Made once, by the first call: context and share are settled then. */
  #sourceOfCalls(): CallSource {
    this.#source ??= new CallSource(this.#services, {
      connection: this,
      context: this.#context,
      share: this.#membership.share,
    })
    return this.#source
  }

  async #hello(hello: HelloInfo): Promise<Record<never, never>> {
    const { auth, metadata, contracts } = hello
    const value = auth.kind === 'value' ? auth.value : auth.kind === 'raw' ? auth.bytes : undefined
    try {
      const context = await this.#services.makeContext({ auth: value, metadata, contracts }, this)
      this.#context = context
      // The client may be gone by now; what the context holds has to be given back all the same.
      void this.#closed.then((reason) => this.#services.disconnected(this, context, reason))
      const { shares, contractNotices } = this.#services
      this.#membership.move(shares.of({ remoteEndpoint: this.remoteEndpoint, context }))
      contractNotices.see(contracts, this.id, this.log)
      return {}
    } catch (error) {
      if (RpcError.is(error)) throw error
      this.log.error(
        { connection: this.id, err: error },
        ServerError.is(error) && error.code === 'SHARE_KEY_FAILED'
          ? 'the share of a connection could not be found'
          : 'the context of a connection could not be made',
      )
      throw new RpcError('INTERNAL', `The server failed. Its log has the reason under ${this.id}.`)
    }
  }

  #keyOf(event: ContractEvent, args: readonly unknown[]): string {
    this.#services.router.checkEvent(event)
    return subscriptionKey(event.wireName, topicOf(event, args))
  }

  #subscription(request: IncomingSubscription): void {
    void inEmptyContext(() =>
      serveSubscription(this.#services, request, this.#subscribed, this.#sourceOfCalls()),
    )
  }
}

/**
 * Whoever makes a connection do something (its stream, a handler of another one that publishes or closes it), what
 * users wrote for it runs in the context of nobody.
 */
function inEmptyContext<Result>(run: () => Result): Result {
  return emptyContext.runInAsyncScope(run)
}
