import { inMicrotask } from '@frameport/framing/checks'
import type { TlsFacts } from '@frameport/iocp-core/tls'
import type { SessionCloseReason } from '@frameport/protocol'
import { valueOfBody } from '@frameport/protocol/envelope'
import {
  type AskClient,
  type CredentialsAccepted,
  type CredentialsInfo,
  createSession,
  type DroppedOneway,
  defaultConnectionLimits,
  type HelloAccepted,
  type HelloInfo,
  type IncomingCall,
  type IncomingSubscription,
  type PeerInfo,
  type Session,
  type SessionHandlers,
} from '@frameport/protocol/session'
import type { AcceptedFrom } from './acceptor.ts'
import { emptyContext, inEmptyContext } from './async-context.ts'
import { CallSource } from './call/call-source.ts'
import { serveCall } from './call/serve-call.ts'
import { type SubscriptionsOfClient, serveSubscription } from './call/serve-subscription.ts'
import type { AgingConnection } from './connection-ages.ts'
import type { HookedConnection } from './connection-hooks.ts'
import type { ConnectionServices } from './connection-services.ts'
import { askForMore, type RenewContext, refusalOfHello, renewedContext } from './credentials.ts'
import type { LogReader } from './event-log/catch-up.ts'
import { Replays } from './event-log/replays.ts'
import { ConnectionSubscriptions } from './events/connection-subscriptions.ts'
import { holderOf, type KnownClient } from './resume/principals.ts'
import { resumes } from './resume/resumes.ts'
import type { Membership } from './shares/membership.ts'

/** The connection to which the session reports. */
type OwnConnection = HookedConnection & AgingConnection & LogReader

/** The owners of sessions. */
const bySession = new WeakMap<Session, ServedSession>()

/** The facts that an acceptor reports about a connection. */
export interface PeerFacts {
  readonly remoteEndpoint: string
  readonly tls: AcceptedFrom['tls']
}

/**
 * Handles what the session of one connection reports, and keeps what the server knows about it: the client, its
 * subscriptions, and the reason for its end. The session calls the methods of this object, because each connection
 * would otherwise keep a closure for each.
 */
export class ServedSession implements SessionHandlers, SubscriptionsOfClient {
  readonly session: Session
  readonly membership: Membership
  readonly #services: ConnectionServices
  readonly #connection: OwnConnection
  /** True if the session may outlive its connection, if the client wants that, too. */
  readonly #isResumable: boolean
  #peer: PeerFacts
  #context: unknown
  /** True if the context must be given back. */
  #hasContext = false
  /** The client, once it has a context. */
  #known: KnownClient | undefined
  #source: CallSource | undefined
  /** Created by the first subscription. */
  #subscribed: ConnectionSubscriptions | undefined
  /** Created by the first subscription to a logged event. */
  #replays: Replays | undefined
  /** The session that continues, if the client of this connection came back to it. */
  #goesOn: ServedSession | undefined
  /** The reason for its end, once it has ended. */
  #reason: SessionCloseReason | undefined
  /** Created when a caller waits for the end. */
  #ended: Promise<SessionCloseReason> | undefined
  #settleEnded: ((reason: SessionCloseReason) => void) | undefined

  /** @throws the error of creating the session */
  constructor(
    connection: OwnConnection,
    peer: PeerFacts,
    membership: Membership,
    services: ConnectionServices,
  ) {
    const { environment, host, router, sessionLimits, endingSessionLimits } = services
    this.membership = membership
    this.#services = services
    this.#connection = connection
    this.#peer = peer
    this.#isResumable = sessionLimits.resumeBytes !== 0 && resumes(services.resume, peer.remoteEndpoint)
    this.session = createSession({
      role: 'server',
      environment,
      contracts: router.announcements,
      limits: this.#isResumable ? sessionLimits : endingSessionLimits,
      host,
      share: membership,
      handlers: this,
    })
    bySession.set(this.session, this)
  }

  get remoteEndpoint(): string {
    return this.#peer.remoteEndpoint
  }

  get tls(): TlsFacts | undefined {
    return this.#peer.tls?.()
  }

  get context(): unknown {
    return this.#context
  }

  get subscribed(): ConnectionSubscriptions {
    this.#subscribed ??= new ConnectionSubscriptions(
      this.#connection,
      this.#services.subscriptions,
      this.#services.limits.subscriptionsPerConnectionMax,
      this.session,
    )
    return this.#subscribed
  }

  /** The size of {@link subscribed}, which is not created for it. */
  get subscriptions(): number {
    return this.#subscribed?.size ?? 0
  }

  get replays(): Replays {
    const { host, sessionLimits } = this.#services
    const { sessionTurnMs: ms, sessionTurnStepsMax: stepsMax } = {
      ...defaultConnectionLimits,
      ...sessionLimits,
    }
    this.#replays ??= new Replays(this.#services, this.#connection, {
      turns: host.turns,
      turnLimits: { ms, stepsMax },
      share: this.membership,
      memory: this.session,
    })
    return this.#replays
  }

  /** Settles once the client is gone. Never rejects. */
  ended(): Promise<SessionCloseReason> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  hello(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted> {
    return inEmptyContext(() => this.#hello(hello, ask))
  }

  /** Absent if the server has no hook that checks credentials. */
  get credentials(): ((info: CredentialsInfo) => Promise<CredentialsAccepted>) | undefined {
    return this.#services.renewContext === undefined ? undefined : this.#credentials
  }

  opened({ settings }: PeerInfo): void {
    const { hooks } = this.#services
    this.membership.letIn(this.#isResumable && settings.resumeBytes > 0)
    this.#services.connected(this.#connection)
    inEmptyContext(() => hooks.opened(this.#connection, this.#context))
  }

  detached(reason: SessionCloseReason): void {
    const { hooks } = this.#services
    this.#services.lost(this.#connection)
    this.membership.detach((message) => this.session.abort({ code: 'LIMIT_EXCEEDED', message }))
    inEmptyContext(() => hooks.detached(this.#connection, this.#context, reason))
  }

  resumed(): void {
    const { hooks } = this.#services
    this.#services.connected(this.#connection)
    inEmptyContext(() => hooks.resumed(this.#connection, this.#context))
  }

  /** The client continues the session of another connection, which now uses the transport of this one. */
  moved(session: Session): void {
    const goesOn = bySession.get(session) as ServedSession
    this.#goesOn = goesOn
    goesOn.membership.takeOver(this.membership)
    goesOn.#peer = this.#peer
    goesOn.#known = this.#known
    // It was created for a share that may have changed.
    goesOn.#source = undefined
  }

  call(call: IncomingCall): void {
    emptyContext.scope().runInAsyncScope(this.#call, this, call)
  }

  /** Ignores events: clients send none that the server uses. */
  event(): void {}

  wantsEvent(): boolean {
    return false
  }

  /** Absent if no contract has an event that clients subscribe to. */
  get subscription(): ((request: IncomingSubscription) => void) | undefined {
    return this.#services.authorizeSubscribe === undefined ? undefined : this.#subscription
  }

  onewayDropped(dropped: DroppedOneway): void {
    const { id, log } = this.#connection
    log.warn({ connection: id, ...dropped }, 'a call without an answer was not run')
  }

  peerIsSlow(message: string): void {
    this.#services.diagnostics?.slowSubscriber(this.#connection, message)
  }

  goaway(): void {}

  closed(reason: SessionCloseReason): void {
    this.#reason = reason
    this.#subscribed?.clear()
    if (this.#hasContext) this.#giveBackSoon(reason)
    this.#settleEnded?.(reason)
    this.#services.left(this.#connection)
    // Its resources belong to the session that continues.
    if (this.#goesOn !== undefined) return
    this.membership.leave()
    this.#services.hooks.closed(this.#connection, reason)
  }

  uncaught(err: unknown): void {
    const { id, log } = this.#connection
    log.error({ connection: id, err }, 'a hook of the server threw')
  }

  #end(): Promise<SessionCloseReason> {
    if (this.#reason !== undefined) return Promise.resolve(this.#reason)
    return new Promise((resolve) => {
      this.#settleEnded = resolve
    })
  }

  #call(call: IncomingCall): void {
    serveCall(this.#services, call, this.#sourceOfCalls())
  }

  /** Created by the first call: context and share are known then. */
  #sourceOfCalls(): CallSource {
    this.#source ??= new CallSource(this.#services, {
      connection: this.#connection,
      context: this.#context,
      share: this.membership.share,
    })
    return this.#source
  }

  async #hello(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted> {
    const { auth, metadata, contracts } = hello
    const value = valueOfBody(auth)
    const { shares, contractNotices, principals } = this.#services
    const { id } = this.#connection
    try {
      const shown = { auth: value, metadata, contracts }
      const principalOf = principals.of(auth, shown, this.#isResumable, this.tls)
      const context = await this.#services.makeContext(shown, this.#connection, askForMore(ask))
      this.#context = context
      this.#hasContext = true
      // The client may be gone by now, but the context must still be given back.
      if (this.#reason !== undefined) this.#giveBackSoon(this.#reason)
      this.membership.move(shares.of({ remoteEndpoint: this.remoteEndpoint, context }))
      contractNotices.see(contracts, id, this.#connection.log)
      const principal = principalOf(context)
      this.#known = { hello: shown, principal, holder: holderOf(this.tls) }
      return { principal, unlessResumed: this.membership.settle() }
    } catch (error) {
      throw refusalOfHello(error, this.#connection)
    }
  }

  #credentials(info: CredentialsInfo): Promise<CredentialsAccepted> {
    return inEmptyContext(() => this.#renew(info))
  }

  async #renew(info: CredentialsInfo): Promise<CredentialsAccepted> {
    const { renewContext, principals } = this.#services
    const principalOf = principals.renewed(info, this.#known as KnownClient)
    const { context, accepted } = await renewedContext(
      renewContext as RenewContext,
      info,
      this.#connection,
      this.#connection.log,
      principalOf,
    )
    const taken = () => {
      this.#context = context
      // For later calls.
      this.#source = undefined
    }
    return { ...accepted, taken }
  }

  #giveBackSoon(reason: SessionCloseReason): void {
    inMicrotask(() => inEmptyContext(() => this.#giveBack(reason)))
  }

  #giveBack(reason: SessionCloseReason): void {
    const { hooks } = this.#services
    if (this.#goesOn === undefined) hooks.disconnected(this.#connection, this.#context, reason)
    else hooks.contextDropped(this.#goesOn.#connection, this.#context)
  }

  #subscription(request: IncomingSubscription): void {
    void inEmptyContext(() => serveSubscription(this.#services, request, this, this.#sourceOfCalls()))
  }
}
