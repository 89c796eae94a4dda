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
import { bodyOfValue, valueOfBody } from '@frameport/protocol/envelope'
import {
  type AskClient,
  type ChallengeOptions,
  type CredentialsAccepted,
  type CredentialsInfo,
  createSession,
  defaultConnectionLimits,
  type EventEncoding,
  type EventGap,
  type HelloAccepted,
  type HelloInfo,
  type IncomingCall,
  type IncomingSubscription,
  type Session,
} from '@frameport/protocol/session'
import { emptyContext } from './async-context.ts'
import { CallSource } from './call/call-source.ts'
import { ClientCalls } from './call/client-calls.ts'
import { serveCall } from './call/serve-call.ts'
import { serveSubscription } from './call/serve-subscription.ts'
import { checkCloseOptions } from './check-options.ts'
import type { HookedConnection } from './connection-hooks.ts'
import type { ConnectionServices } from './connection-services.ts'
import type { ServerConnection } from './connection-types.ts'
import { askForMore, checkChallenge, type RenewContext, renewedContext } from './credentials.ts'
import type { AnnouncedConnection } from './end-announcement.ts'
import type { ServerErrorCode } from './error-codes.ts'
import type { LogReader } from './event-log/catch-up.ts'
import { Replays } from './event-log/replays.ts'
import { type ClientMemory, ConnectionSubscriptions } from './events/connection-subscriptions.ts'
import { checkTopicOf, eventToSend, payloadOf, topicOf } from './events/event-to-send.ts'
import { subscriptionKey } from './events/subscriptions.ts'
import type { Logger } from './logger.ts'
import type { KnownClient } from './resume/principals.ts'
import { resumes } from './resume/resumes.ts'
import { ServerError } from './server-error.ts'
import type { Membership } from './shares/membership.ts'
import type { ConnectionStats } from './stats.ts'

/** Whose session it is. */
const bySession = new WeakMap<Session, ServedConnection>()

/** One client of a server: its session, its context and its subscriptions. */
export class ServedConnection implements HookedConnection, AnnouncedConnection, LogReader {
  readonly id: string
  readonly #services: ConnectionServices
  readonly #session: Session
  /** Its session goes on without it, if the client wants that, too. */
  readonly #isResumable: boolean
  readonly #subscribed: ConnectionSubscriptions
  readonly #memory: ClientMemory
  /** Made by the first subscription to an event that a log keeps. */
  #replays: Replays | undefined
  readonly #closed: Promise<SessionCloseReason>
  #remoteEndpoint: string
  #membership: Membership
  #context: unknown
  /** Who it is, once it has a context. */
  #known: KnownClient | undefined
  #source: CallSource | undefined
  #clientCalls: ClientCalls | undefined
  /** The one whose client this one's was: that came back here. */
  #goesOn: ServedConnection | undefined

  /** @throws what the channel throws when it is started */
  constructor(
    id: string,
    remoteEndpoint: string,
    connection: FrameChannel | ByteStream,
    membership: Membership,
    services: ConnectionServices,
  ) {
    this.id = id
    this.#remoteEndpoint = remoteEndpoint
    this.#services = services
    const { subscriptionsPerConnectionMax } = services.limits
    this.#memory = {
      take: (bytes) => this.#session.takeMemory(bytes),
      give: (bytes) => this.#session.giveMemory(bytes),
    }
    this.#subscribed = new ConnectionSubscriptions(
      this,
      services.subscriptions,
      subscriptionsPerConnectionMax,
      this.#memory,
    )
    this.#membership = membership
    let settleClosed!: (reason: SessionCloseReason) => void
    this.#closed = new Promise((resolve) => {
      settleClosed = resolve
    })
    this.#isResumable = services.sessionLimits.resumeBytes !== 0 && resumes(services.resume, remoteEndpoint)
    this.#session = createSession({
      role: 'server',
      environment: services.environment,
      contracts: services.router.announcements,
      limits: this.#isResumable ? services.sessionLimits : services.endingSessionLimits,
      host: {
        // Spread, each would have a shape of its own.
        turns: services.host.turns,
        memory: services.host.memory,
        endings: services.host.endings,
        resumable: services.host.resumable,
        share: () => this.#membership.share.key,
      },
      refusals: { take: () => this.#membership.share.takeRefusal() },
      handlers: {
        hello: (hello, ask) => inEmptyContext(() => this.#hello(hello, ask)),
        ...(services.renewContext === undefined
          ? {}
          : { credentials: (info) => inEmptyContext(() => this.#credentials(info)) }),
        opened: ({ settings }) => {
          this.#membership.letIn(this.#isResumable && settings.resumeBytes > 0)
          services.connected(this)
          inEmptyContext(() => services.hooks.opened(this, this.#context))
        },
        detached: (reason) => this.#detached(reason),
        resumed: () => {
          services.connected(this)
          inEmptyContext(() => services.hooks.resumed(this, this.#context))
        },
        moved: (session) => this.#movedTo(bySession.get(session) as ServedConnection),
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
          settleClosed(reason)
          services.left(this)
          // What it had is that of the one that goes on.
          if (this.#goesOn !== undefined) return
          this.#membership.leave()
          services.hooks.closed(this, reason)
        },
        uncaught: (err) => this.log.error({ connection: id, err }, 'a hook of the server threw'),
      },
    })
    bySession.set(this.#session, this)
    this.#session.attach(frameChannelOf(connection))
  }

  get remoteEndpoint(): string {
    return this.#remoteEndpoint
  }

  get log(): Logger {
    return this.#membership.share.log
  }

  get state(): ServerConnection['state'] {
    return this.#session.state
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

  giveUp(message: string, cause: unknown): void {
    this.#membership.leave()
    this.#session.abort({ code: 'ABORTED', message, cause })
  }

  announceEnd(): void {
    this.#session.announceEnd()
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

  challenge(challenge: unknown, options: ChallengeOptions = {}): Promise<void> {
    try {
      const checked = checkChallenge(this.#services.renewContext, options)
      return inEmptyContext(() => this.#session.challenge(bodyOfValue(challenge), checked))
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

  leaveOut(event: EventEncoding): void {
    this.#session.leaveOut(event)
  }

  sendGap(gap: EventGap): void {
    this.#session.sendGap(gap)
  }

  eventsSent(): Promise<boolean> {
    return this.#session.eventsSent()
  }

  eventsDrained(): Promise<boolean> {
    return this.#session.eventsDrained()
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

  async #hello(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted> {
    const { auth, metadata, contracts } = hello
    const value = valueOfBody(auth)
    const { shares, contractNotices, principals } = this.#services
    try {
      const shown = { auth: value, metadata, contracts }
      const principalOf = principals.of(auth, shown, this.#isResumable)
      const context = await this.#services.makeContext(shown, this, askForMore(ask))
      this.#context = context
      // The client may be gone by now; what the context holds has to be given back all the same.
      void this.#closed.then((reason) => this.#giveBack(this.#context, reason))
      this.#membership.move(shares.of({ remoteEndpoint: this.remoteEndpoint, context }))
      contractNotices.see(contracts, this.id, this.log)
      const principal = principalOf(context)
      this.#known = { hello: shown, principal }
      return { principal, unlessResumed: this.#membership.settle() }
    } catch (error) {
      if (RpcError.is(error)) throw error
      const what = ServerError.is(error) ? unknownOf[error.code] : undefined
      this.log.error(
        { connection: this.id, err: error },
        what ?? 'the context of a connection could not be made',
      )
      throw new RpcError('INTERNAL', `The server failed. Its log has the reason under ${this.id}.`)
    }
  }

  async #credentials(info: CredentialsInfo): Promise<CredentialsAccepted> {
    const { renewContext, principals } = this.#services
    const principalOf = principals.renewed(info, this.#known as KnownClient)
    const { context, accepted } = await renewedContext(
      renewContext as RenewContext,
      info,
      this,
      this.log,
      principalOf,
    )
    const taken = () => {
      this.#context = context
      // Of calls that come from here on.
      this.#source = undefined
    }
    return { ...accepted, taken }
  }

  #giveBack(context: unknown, reason: SessionCloseReason): void {
    const { hooks } = this.#services
    if (this.#goesOn === undefined) hooks.disconnected(this, context, reason)
    else hooks.contextDropped(this.#goesOn, context)
  }

  #detached(reason: SessionCloseReason): void {
    this.#services.lost(this)
    this.#membership.detach((message) => this.#session.abort({ code: 'LIMIT_EXCEEDED', message }))
    inEmptyContext(() => this.#services.hooks.detached(this, this.#context, reason))
  }

  /** The client of this connection goes on with the session of another one, whose connection this one's is now. */
  #movedTo(goesOn: ServedConnection): void {
    this.#goesOn = goesOn
    goesOn.#membership.leave()
    goesOn.#membership = this.#membership
    goesOn.#membership.letIn(true)
    goesOn.#remoteEndpoint = this.#remoteEndpoint
    goesOn.#known = this.#known
    // Made for a share, which may be another one now.
    goesOn.#source = undefined
  }

  #keyOf(event: ContractEvent, args: readonly unknown[]): string {
    this.#services.router.checkEvent(event)
    return subscriptionKey(event.wireName, topicOf(event, args))
  }

  #subscription(request: IncomingSubscription): void {
    void inEmptyContext(() =>
      serveSubscription(this.#services, request, this.#subscribed, this.#sourceOfCalls(), () =>
        this.#sendsOfLogs(),
      ),
    )
  }

  #sendsOfLogs(): Replays {
    const { host, sessionLimits } = this.#services
    const { sessionTurnMs: ms, sessionTurnStepsMax: stepsMax } = {
      ...defaultConnectionLimits,
      ...sessionLimits,
    }
    this.#replays ??= new Replays(this.#services, this, {
      turns: host.turns,
      turnLimits: { ms, stepsMax },
      share: () => this.#membership.share.key,
      memory: this.#memory,
    })
    return this.#replays
  }
}

/** What could not be found out of a client. */
const unknownOf: Partial<Record<ServerErrorCode, string>> = {
  SHARE_KEY_FAILED: 'the share of a connection could not be found',
  PRINCIPAL_FAILED: 'who a client is could not be found',
}

/**
 * Whoever makes a connection do something (its stream, a handler of another one that publishes or closes it), what
 * users wrote for it runs in the context of nobody.
 */
function inEmptyContext<Result>(run: () => Result): Result {
  return emptyContext.runInAsyncScope(run)
}
