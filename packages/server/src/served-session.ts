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

/** A connection, as what becomes of its session is told of it. */
type OwnConnection = HookedConnection & AgingConnection & LogReader

/** Whose session it is. */
const bySession = new WeakMap<Session, ServedSession>()

/** What an acceptor has said of a connection. */
export interface PeerFacts {
  readonly remoteEndpoint: string
  readonly tls: AcceptedFrom['tls']
}

/**
 * What the session of one connection tells its server, and what the server knows by it: who the client is, what it is subscribed to,
 * and how it ends. The session calls the methods of this one object, since a closure for each would be kept by every connection.
 */
export class ServedSession implements SessionHandlers, SubscriptionsOfClient {
  readonly session: Session
  readonly membership: Membership
  readonly #services: ConnectionServices
  readonly #connection: OwnConnection
  /** It goes on without its connection, if the client wants that, too. */
  readonly #isResumable: boolean
  #peer: PeerFacts
  #context: unknown
  /** What it holds has to be given back. */
  #hasContext = false
  /** Who it is, once it has a context. */
  #known: KnownClient | undefined
  #source: CallSource | undefined
  /** Made by the first subscription. */
  #subscribed: ConnectionSubscriptions | undefined
  /** Made by the first subscription to an event that a log keeps. */
  #replays: Replays | undefined
  /** The one whose client this one's was: that came back here. */
  #goesOn: ServedSession | undefined
  /** Why it has ended, once it has. */
  #reason: SessionCloseReason | undefined
  /** Made when somebody waits for the end. */
  #ended: Promise<SessionCloseReason> | undefined
  #settleEnded: ((reason: SessionCloseReason) => void) | undefined

  /** @throws what a session cannot be made of */
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

  /** As {@link subscribed}, which is not made for it. */
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

  /** Settles, never rejects, once the client is gone. */
  ended(): Promise<SessionCloseReason> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  hello(hello: HelloInfo, ask: AskClient): Promise<HelloAccepted> {
    return inEmptyContext(() => this.#hello(hello, ask))
  }

  /** Absent without somebody who says whether they are good. */
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

  /** The client goes on with the session of another connection, whose own connection this one's is now. */
  moved(session: Session): void {
    const goesOn = bySession.get(session) as ServedSession
    this.#goesOn = goesOn
    goesOn.membership.takeOver(this.membership)
    goesOn.#peer = this.#peer
    goesOn.#known = this.#known
    // Made for a share, which may be another one now.
    goesOn.#source = undefined
  }

  call(call: IncomingCall): void {
    emptyContext.scope().runInAsyncScope(this.#call, this, call)
  }

  /** No client sends any that somebody wants. */
  event(): void {}

  wantsEvent(): boolean {
    return false
  }

  /** Absent where no contract has an event that clients subscribe to. */
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
    // What it had is that of the one that goes on.
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

  /** Made once, by the first call: context and share are settled then. */
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
      // The client may be gone by now; what the context holds has to be given back all the same.
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
      // Of calls that come from here on.
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
