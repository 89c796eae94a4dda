import { type Body, emptyBody } from '../envelope/codec.ts'
import type { GoawayEnvelope } from '../envelope/link-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { CredentialsAccepted, CredentialsInfo } from './common/credentials.ts'
import { OpenedLink } from './common/opened-link.ts'
import type { PeerInfo } from './common/peer-info.ts'
import { lostConnection, reasonOfGoaway, type SessionFault, violation } from './common/session-fault.ts'
import type { EventSending } from './events/no-event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { IncomingEnvelopes, type Receivers } from './incoming-envelopes.ts'
import type { Link } from './link/link.ts'
import type { LinkEvents } from './link/link-types.ts'
import { nobody } from './link/nobody.ts'
import { differenceOf } from './resume/resume-agreement.ts'
import type { Resumption } from './resume/resumption.ts'
import { orderly } from './session-end.ts'
import type { SessionLife } from './session-life.ts'
import type { Traffic } from './traffic.ts'

/** Faults of a connection, as opposed to the data on it. */
const endsLinkOnly: ReadonlySet<string> = new Set([
  'CONNECTION_LOST',
  'HEARTBEAT_TIMEOUT',
  'FRAME_TIMEOUT',
  'TRUNCATED',
])

const takenOver: SessionCloseReason = {
  code: 'CONNECTION_LOST',
  message: 'the peer continues over another connection',
}

const forgotten: SessionCloseReason = {
  code: 'REPLACED',
  message: 'the server no longer knows the session: a new one replaces it',
  closedBy: 'peer',
}

/** Passes the events of a session's link to the parts that they concern. */
export class LinkReceiver implements LinkEvents {
  readonly #core: SessionCore
  readonly #receivers: Receivers
  readonly #events: EventSending
  readonly #traffic: Traffic
  readonly #life: SessionLife
  readonly #envelopes: IncomingEnvelopes
  readonly #resume: Resumption | undefined
  /** Whether a session that was never open also waits for another link. */
  readonly #connectsAgain: boolean
  #peer: PeerInfo | undefined

  constructor(
    core: SessionCore,
    receivers: Receivers,
    events: EventSending,
    traffic: Traffic,
    life: SessionLife,
    resume: Resumption | undefined,
    connectsAgain: boolean,
  ) {
    this.#core = core
    this.#receivers = receivers
    this.#events = events
    this.#traffic = traffic
    this.#life = life
    this.#resume = resume
    this.#connectsAgain = connectsAgain
    this.#envelopes = new IncomingEnvelopes(core.limits, receivers, core.partial)
  }

  /** What the peer announced. */
  get peer(): PeerInfo | undefined {
    return this.#peer
  }

  linkOpened(peer: PeerInfo): void {
    if (this.#life.isDetached) {
      this.#openedAgain(peer)
      return
    }
    this.#life.opened()
    const link = this.#life.link as Link
    const { channel } = link
    this.#core.writer.attach(this.#resume?.begin(channel, peer) ?? channel)
    this.#core.writer.setPeer(peer.settings)
    this.#peer = peer
    this.#core.writer.grease(this.#core.environment)
    this.#events.open()
    // Queued calls are sent first, so that the callback finds room in the queue.
    this.#receivers.outgoing.setSlots(peer.settings.callsInFlightMax)
    // Calls that settle here may have aborted the connection, or ended the session.
    if (this.#life.link === link && !this.#life.isOver)
      this.#core.guard(() => this.#core.handlers.opened(peer))
  }

  /** The channel may have been started, and has no other owner. */
  linkDidNotStart(cause: unknown): void {
    if (this.#life.isDetached || this.#connectsAgain) this.#life.leaveLink()
    else this.#life.couldNotStart(cause)
  }

  linkRefused(reason: SessionCloseReason, error: RpcError | undefined): void {
    const retryAfterMs = error?.retryAfterMs
    if (!this.#detach({ ...reason, retryAfterMs })) this.#life.refused(reason, error)
  }

  linkFrame(payload: Uint8Array): void {
    if (this.#life.isOver) return
    const { link } = this.#life
    // Counted first: a callback may reconnect, with a hello that contains the count.
    this.#resume?.handling(payload.length)
    this.#envelopes.receive(payload)
    if (this.#life.link === link && !this.#life.isOver) this.#resume?.handled()
  }

  linkGoaway({ code, text, lastCallId, retryAfterMs }: GoawayEnvelope): void {
    const life = this.#life
    if (life.isOver) return
    if (this.#endsLinkOnly(code) && this.#detach({ ...reasonOfGoaway(code, text), retryAfterMs })) return
    const isFinal = lastCallId !== undefined
    life.mayComeBackAfter(retryAfterMs)
    if (code === 'CLOSED' && (isFinal || life.phase === 'opening')) life.peerCloses()
    // Without an id, the open calls may have run.
    if (code !== 'CLOSED' || life.phase === 'opening') {
      life.peerEnds(code === 'CLOSED' ? orderly : reasonOfGoaway(code, text), lastCallId)
      return
    }
    const isNews = life.phase === 'open'
    if (isNews && isFinal) life.drain()
    const told = () => {
      if (isNews) this.#core.guard(() => this.#core.handlers.goaway({ isFinal, retryAfterMs }))
    }
    if (isFinal) life.takeNoMore(lastCallId, told)
    else told()
    life.endWhenIdle()
  }

  get takesCredentials(): boolean {
    return this.#core.handlers.credentials !== undefined
  }

  linkCredentials(info: CredentialsInfo): CredentialsAccepted | Promise<CredentialsAccepted> {
    return this.#core.handlers.credentials?.(info) ?? {}
  }

  linkChallenged(challenge: Body): Promise<Body> | undefined {
    const { handlers } = this.#core
    if (handlers.challenged === undefined) return undefined
    // Accepts whatever it returns or throws.
    return new Promise((resolve) => resolve(handlers.challenged?.(challenge) ?? emptyBody))
  }

  linkAnswerFailed(error: unknown): void {
    this.#core.guard(() => this.#core.handlers.answerFailed?.(error))
  }

  linkHookFailed(error: unknown): void {
    this.#core.guard(() => {
      throw error
    })
  }

  linkReceived(): void {
    this.#traffic.received()
  }

  linkAnswered(bytes: number): void {
    this.#core.writer.countAnswer(bytes)
    this.#traffic.answered()
  }

  linkDrained(): void {
    this.#traffic.queueFell()
  }

  linkEnded(): void {
    if (!this.#detach(lostConnection())) this.#life.peerEnded()
  }

  linkFailed(fault: SessionFault): void {
    if (!this.#endsLinkOnly(fault.code) || !this.#detach(fault)) this.#life.failed(fault)
  }

  /**
   * The peer reads nothing, and its messages are not read: it is lost rather than slow, as after an unanswered ping.
   */
  linkUnread(fault: SessionFault): void {
    if (!this.#detach({ code: 'CONNECTION_LOST', message: fault.message })) this.#life.failed(fault)
  }

  /** The owner gives up the link. */
  giveUpLink(reason: SessionCloseReason): void {
    if (this.#life.link === undefined || !this.#detach(reason)) this.#life.abort(reason)
  }

  linkClosed(reason: SessionCloseReason): void {
    if (!this.#detach(reason)) this.#life.linkClosed(reason)
  }

  /** The session leaves its link for another one. */
  leaveLink(): void {
    if (!this.#life.isDetached) this.#detach(takenOver)
  }

  #openedAgain(peer: PeerInfo): void {
    const resume = this.#resume as Resumption
    const link = this.#life.link as Link
    if (!resume.goesOn) {
      this.#forgotten(link, peer, resume)
      return
    }
    // Faults from now on are the server's, not the connection's: they end the session.
    this.#life.reattached()
    const difference = differenceOf(this.#peer as PeerInfo, peer)
    if (difference !== undefined) throw violation(`the server resumed a session with ${difference}`)
    this.#events.resumed()
    resume.goOn(link.channel)
    this.#traffic.resumed()
    this.#life.announceAgain()
    // Calls that settle here may have aborted the connection, or ended the session.
    if (this.#life.link !== link || this.#life.isOver) return
    this.#receivers.outgoing.setSlots(peer.settings.callsInFlightMax)
    this.#core.guard(() => this.#core.handlers.resumed?.())
  }

  /** The server no longer knows the session. The connection is still open, for a new one. */
  #forgotten(link: Link, peer: PeerInfo, resume: Resumption): void {
    const opened = new OpenedLink(link, peer, resume.ticket, link.own)
    this.#life.releaseLink()
    // Calls that are repeated because those of this session fail must find the new session.
    this.#core.guard(() => this.#core.handlers.forgotten?.(opened))
    this.#life.finish(forgotten)
    const untaken = opened.take()
    untaken?.moveTo(nobody)
    untaken?.abort()
  }

  /** Before the handshake is complete, the owner decides, because it may know another address. */
  #endsLinkOnly(code: string): boolean {
    const { isDetached, phase } = this.#life
    return isDetached || phase === 'opening' || endsLinkOnly.has(code)
  }

  /** @returns whether the session waits for another link */
  #detach(why: SessionCloseReason | SessionFault): boolean {
    if (!this.#loseLink()) return false
    const { code, message, cause, closedBy, retryAfterMs } = why as SessionCloseReason
    const reason = {
      code,
      message,
      ...(closedBy === undefined ? {} : { closedBy }),
      ...(cause === undefined ? {} : { cause }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
    this.#core.guard(() => this.#core.handlers.detached?.(reason))
    return true
  }

  /**
   * The session leaves its link and waits for another one. A session that was never open waits as long as its owner
   * allows.
   *
   * @returns false for a session that ends with its link, and for one that is ending
   */
  #loseLink(): boolean {
    const life = this.#life
    if (life.phase === 'opening' && this.#connectsAgain) {
      life.leaveLink()
      return true
    }
    if (life.phase !== 'open' || this.#resume?.channel === undefined) return false
    const { silentMs } = this.#traffic
    life.leaveLink()
    this.#resume.detached(silentMs)
    this.#receivers.outgoing.hold()
    this.#events.detached()
    life.waitForLink(this.#windowMs)
    return true
  }

  /** A client waits no longer than its server keeps the session. */
  get #windowMs(): number {
    const { resumeWindowMs } = this.#core.limits
    if (this.#core.role === 'server') return resumeWindowMs
    return Math.min(resumeWindowMs, this.#peer?.settings.resumeWindowMs ?? resumeWindowMs)
  }
}
