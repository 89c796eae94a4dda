import { inMicrotask } from '@frameport/framing/checks'
import { isDuration } from '../checks/milliseconds.ts'
import type { GoawayEnvelope } from '../envelope/link-envelopes.ts'
import { RpcError } from '../rpc-error.ts'
import {
  giveUpOpen,
  inOrder,
  type SessionCalls,
  sendNoMore,
  settleAll,
  takeNoMore,
} from './calls/ending-calls.ts'
import { invalidGrace, invalidWait } from './check-arguments.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { SessionTimer } from './common/session-environment.ts'
import { lostConnection, type SessionFault } from './common/session-fault.ts'
import type { SessionCloseOptions } from './common/session-types.ts'
import { Detachment } from './detachment.ts'
import type { EventSending } from './events/no-event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { endAnnouncement, goawayOf } from './flow/wire-errors.ts'
import type { Link } from './link/link.ts'
import { nobody } from './link/nobody.ts'
import type { Resumption } from './resume/resumption.ts'
import { orderly, SessionEnd, type SessionEndEvents } from './session-end.ts'
import type { Traffic } from './traffic.ts'

/** `ending`: everything has settled, and the link below is being closed. */
type Phase = 'opening' | 'open' | 'draining' | 'ending' | 'closed'

/**
 * The phases of one session, and how it ends: because this side closes it or the peer does, for a fault, or with its
 * connection. First all calls are settled, then the link is ended, and the session is closed when both are done.
 */
export class SessionLife implements SessionEndEvents {
  readonly #core: SessionCore
  readonly #calls: SessionCalls
  readonly #events: EventSending
  readonly #traffic: Traffic
  readonly #end: SessionEnd
  readonly #resume: Resumption | undefined
  #link: Link | undefined
  #phase: Phase = 'opening'
  #goawaySent = false
  #graceTimer: SessionTimer | undefined
  #drainUntilMs: number | undefined
  /** Created for a session that waits for another link. */
  #detachment: Detachment | undefined
  /** Set once this side has asked the peer to make its calls elsewhere. */
  #announced: GoawayEnvelope | undefined
  /** Of links that the session has left. */
  #bytesReceivedBefore = 0
  #bytesSentBefore = 0
  /** Set once this side closes in order. */
  #closedBy: string | undefined

  constructor(
    core: SessionCore,
    calls: SessionCalls,
    events: EventSending,
    traffic: Traffic,
    resume: Resumption | undefined,
  ) {
    this.#core = core
    this.#calls = calls
    this.#events = events
    this.#traffic = traffic
    this.#resume = resume
    this.#end = new SessionEnd(core.role, core.endings, this)
  }

  get phase(): Phase {
    return this.#phase
  }

  get isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  /** The bytes received so far, on all links. */
  get bytesReceived(): number {
    return this.#bytesReceivedBefore + (this.#link?.channel.bytesReceived ?? 0)
  }

  get bytesSent(): number {
    return this.#bytesSentBefore + (this.#link?.channel.bytesSent ?? 0)
  }

  get link(): Link | undefined {
    return this.#link
  }

  attach(link: Link): void {
    this.#link = link
    this.#traffic.attach(link)
  }

  /** A channel that was not started does not report its end. */
  couldNotStart(cause: unknown): void {
    this.abort({ code: 'ABORTED', message: 'the session could not start', cause })
    this.#closeSoon()
  }

  opened(): void {
    this.#phase = 'open'
  }

  /** Whether the session is open, but without an open link. */
  get isDetached(): boolean {
    return this.#phase === 'open' && this.#detachment?.hasBegun === true
  }

  /** Gives the session `windowMs` to get another link, counted from the loss of the open one. */
  waitForLink(windowMs: number): void {
    const message = `the connection was lost and not replaced within ${windowMs} ms`
    this.#detachment ??= new Detachment()
    this.#detachment.begin(this.#core.environment, windowMs, () =>
      this.finish({ code: 'CONNECTION_LOST', message }),
    )
  }

  /** Another link is open. */
  reattached(): void {
    this.#detachment?.end()
    this.#detachment = undefined
  }

  /** Settles when another link is open, or the session ends. */
  reattachment(): Promise<void> {
    this.#detachment ??= new Detachment()
    return this.#detachment.over()
  }

  /** Leaves the link, whose events are ignored from now on. */
  leaveLink(): void {
    const link = this.#link
    this.#bytesReceivedBefore = this.bytesReceived
    this.#bytesSentBefore = this.bytesSent
    this.#link = undefined
    link?.moveTo(nobody)
    link?.abort()
    this.#traffic.detach()
  }

  /** The link belongs to another session, or may be given to one. */
  releaseLink(): void {
    this.#link = undefined
    this.#traffic.detach()
  }

  /** See `Session.announceEnd`. */
  announceEnd(retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined && !isDuration(retryAfterMs)) throw invalidWait(retryAfterMs)
    if (this.#phase !== 'open') return
    this.#announced = endAnnouncement(retryAfterMs)
    if (!this.isDetached) this.announceAgain()
  }

  /** The announcement may have been lost with its connection. */
  announceAgain(): void {
    if (this.#announced !== undefined) this.#link?.sendGoaway(this.#announced)
  }

  /** See `Session.close`. */
  close({ graceMs, closedBy = 'this side was closed' }: SessionCloseOptions): Promise<void> {
    if (graceMs !== undefined && !isDuration(graceMs)) return Promise.reject(invalidGrace(graceMs))
    if (this.isOver) return this.#end.closed
    if (this.#goawaySent) {
      if (graceMs !== undefined) this.#limitGrace(graceMs)
      return this.#end.closed
    }
    this.#closedBy = closedBy
    this.#end.localCloses(closedBy)
    if (this.isDetached) {
      this.leaveLink()
      this.finish(orderly)
      return this.#end.closed
    }
    this.#sendGoaway(orderly)
    if (this.#phase === 'opening') this.finish(orderly)
    else {
      this.#phase = 'draining'
      this.#limitGrace(graceMs ?? this.#core.limits.closeGraceMs)
      this.#core.endings.add(sendNoMore(this.#calls.outgoing, closedBy))
      this.endWhenIdle()
    }
    return this.#end.closed
  }

  /** See `Session.abort`. */
  abort(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    const { code, cause } = reason
    if (code === 'HELLO_REFUSED' && RpcError.is(cause)) this.#end.refusedWith(cause)
    if (!this.isOver) this.#settleEverything(reason)
    this.#stopTimers()
    this.#traffic.stop()
    if (this.#link === undefined) this.#closeSoon()
    else this.#link.abort()
  }

  /** A client's calls fail with the server's error. */
  refused(reason: SessionCloseReason, error: RpcError | undefined): void {
    this.#end.refusedWith(error)
    this.finish(reason)
  }

  /** The peer has stated when this side may connect again, or has not. */
  mayComeBackAfter(retryAfterMs: number | undefined): void {
    this.#end.mayComeBackAfter(retryAfterMs)
  }

  /** The peer ends the session in order. */
  peerCloses(): void {
    this.#end.peerCloses()
  }

  /**
   * The peer accepted no call after this one.
   *
   * @param told called when no call can be sent any more, before the first one settles
   */
  takeNoMore(lastCallId: number, told: () => void): void {
    const { role, endings } = this.#core
    const refused = takeNoMore(this.#calls.outgoing, role, lastCallId, this.#end.retryAfterMs)
    told()
    endings.add(refused)
  }

  /** The peer accepts no more calls of an open session, which ends when the open ones have ended. */
  drain(): void {
    this.#phase = 'draining'
  }

  /** Ends a draining session once nothing of it is active: published events are sent first. */
  endWhenIdle(): void {
    const { outgoing, incoming } = this.#calls
    if (this.#phase !== 'draining' || outgoing.awaited + incoming.awaited > 0) return
    // Answers of ended calls may be among the data to send again.
    if (this.#resume?.isBehind === true) return
    if (!this.#goawaySent || !this.#events.isWaiting) this.finish(orderly)
  }

  /** Ends because of a fault of the peer, and reports it, unless the peer seems to speak another protocol. */
  failed({ code, message, cause }: SessionFault): void {
    const stranger = this.#phase === 'opening' && (code === 'NOT_FRAMEPORT' || code === 'FRAME_TOO_LONG')
    const reason: SessionCloseReason = { code, message, ...(cause === undefined ? {} : { cause }) }
    this.finish(reason, () => stranger || this.#sendGoaway(reason))
  }

  /** Like `failed`, but the reason reaches a peer that reads, however slowly. */
  failedForSlowness(fault: SessionFault): void {
    const { environment, limits } = this.#core
    this.#drainUntilMs = environment.nowMs() + limits.closeGraceMs
    this.failed(fault)
  }

  /** The peer has ended its side of the connection. */
  peerEnded(): void {
    this.finish(this.#phase === 'draining' ? orderly : lostConnection())
  }

  /** The connection is gone. */
  linkClosed(reason: SessionCloseReason): void {
    this.#end.linkGone(() => {
      if (!this.isOver) this.#settleEverything(reason)
      this.#stopTimers()
      this.#traffic.stop()
    })
  }

  /** @param lastWords called when everything has settled, to send a last envelope */
  finish(reason: SessionCloseReason, lastWords?: () => void): void {
    if (this.isOver) return
    this.#settleEverything(reason)
    lastWords?.()
    this.#endLink(reason)
  }

  /**
   * The peer ends the session for this reason.
   *
   * @param lastCallId the peer accepted no call after this one
   */
  peerEnds(reason: SessionCloseReason, lastCallId: number | undefined): void {
    if (this.isOver) return
    const { role } = this.#core
    const notTaken =
      lastCallId === undefined
        ? []
        : takeNoMore(this.#calls.outgoing, role, lastCallId, this.#end.retryAfterMs)
    this.#settleEverything(reason, notTaken)
    this.#endLink(reason)
  }

  /** The last step. A session with many calls may have ended only some of them when its link is gone. */
  allEnded(reason: SessionCloseReason): void {
    this.#phase = 'closed'
    this.#resume?.end()
    this.#core.memory.close()
    this.#calls.outgoing.settleRest()
    this.#core.guard(() => this.#core.handlers.closed(reason))
  }

  #sendGoaway(reason: SessionCloseReason): void {
    const { incoming } = this.#calls
    this.#goawaySent = true
    incoming.goawaySent()
    this.#link?.sendAck()
    this.#link?.sendGoaway(goawayOf(reason, incoming.lastId, this.#core.limits.overloadRetryAfterMs))
  }

  /** Limits the time of open calls to `graceMs` from now on, and never extends it. */
  #limitGrace(graceMs: number): void {
    const { environment } = this.#core
    const untilMs = environment.nowMs() + graceMs
    if (this.#drainUntilMs !== undefined && this.#drainUntilMs <= untilMs) return
    this.#drainUntilMs = untilMs
    this.#graceTimer?.cancel()
    this.#graceTimer = environment.setTimer(graceMs, () => this.#graceOver())
  }

  #graceOver(): void {
    this.#phase = 'ending'
    const known = this.#end.because(orderly)
    this.#events.close()
    const givenUp = giveUpOpen(this.#calls, this.#closedBy ?? '')
    this.#core.guard(() => this.#core.handlers.ending?.(known))
    this.#end.endCalls(givenUp, () => this.#endLink(orderly))
  }

  /**
   * Receives nothing from now on. Informs the owner of the session before the first call settles.
   *
   * @param first settled before all others
   */
  #settleEverything(reason: SessionCloseReason, first: Iterable<void> = []): void {
    this.#phase = 'ending'
    const known = this.#end.because(reason)
    this.#core.partial.clear()
    this.#core.bodies.clear()
    this.#events.close()
    this.#resume?.end()
    const closedBy = reason === orderly ? this.#closedBy : undefined
    const rest = settleAll(this.#calls, known, this.#end.refusal, closedBy)
    this.#core.guard(() => this.#core.handlers.ending?.(known))
    this.#end.endCalls(inOrder(first, rest))
  }

  #endLink(reason: SessionCloseReason): void {
    this.#stopTimers()
    if (this.#link === undefined) {
      this.#closeSoon()
      return
    }
    const { environment, limits } = this.#core
    const graceMs = reason === orderly ? limits.closeGraceMs : 0
    this.#link.endInOrder(this.#drainUntilMs ?? environment.nowMs() + graceMs)
  }

  /** Used if there is no link to report the end. */
  #closeSoon(): void {
    inMicrotask(() => this.linkClosed(orderly))
  }

  #stopTimers(): void {
    this.#graceTimer?.cancel()
    this.reattached()
    this.#traffic.stopTimers()
  }
}
