import type { FrameChannel } from '@frameport/framing'
import { inMicrotask } from '@frameport/framing/checks'
import { isDuration } from '../checks/milliseconds.ts'
import { emptyBody } from '../envelope/codec.ts'
import { noMetadata } from '../envelope/envelope-parts.ts'
import type { GoawayEnvelope } from '../envelope/link-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import { giveUpOpen, sendNoMore, settleAll, takeNoMore } from './calls/ending-calls.ts'
import { IncomingCalls } from './calls/incoming-calls.ts'
import { OutgoingCalls } from './calls/outgoing-calls.ts'
import { checkChannel, invalidGrace, invalidWait, secondChannel } from './check-arguments.ts'
import { checkSessionOptions } from './check-session-options.ts'
import type {
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  OutgoingSubscription,
} from './common/call-types.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { EmitVerdict, EventEncoding } from './common/event-types.ts'
import type { PeerInfo } from './common/peer-info.ts'
import type { SessionTimer } from './common/session-environment.ts'
import { lostConnection, reasonOfGoaway, SessionFault } from './common/session-fault.ts'
import { resolveSessionLimits } from './common/session-limits.ts'
import type { SessionStats } from './common/session-stats.ts'
import type { Session, SessionCloseOptions, SessionEvent, SessionOptions } from './common/session-types.ts'
import { EventReceiver } from './events/event-receiver.ts'
import { EventSender, type EventSenderEvents } from './events/event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { goawayOf, wholeMs } from './flow/wire-errors.ts'
import { IncomingEnvelopes, type Receivers } from './incoming-envelopes.ts'
import { helloOf } from './link/greeting.ts'
import { Link } from './link/link.ts'
import type { LinkEvents } from './link/link-types.ts'
import { orderly, SessionEnd } from './session-end.ts'
import { type CoreEvents, sessionCore } from './session-parts.ts'
import { Traffic } from './traffic.ts'

/** `ending`: everything has settled, and the link below is being closed. */
type Phase = 'opening' | 'open' | 'draining' | 'ending' | 'closed'

/** The state machine of one side above its link: calls, streams, events, and how they all end. */
class FrameSession implements Session, LinkEvents, CoreEvents, EventSenderEvents {
  readonly #options: SessionOptions
  readonly #core: SessionCore
  readonly #outgoing: OutgoingCalls
  readonly #incoming: IncomingCalls
  readonly #receivers: Receivers
  readonly #events: EventSender
  readonly #envelopes: IncomingEnvelopes
  readonly #traffic = new Traffic()
  readonly #end: SessionEnd
  #link: Link | undefined
  #phase: Phase = 'opening'
  #peer: PeerInfo | undefined
  #goawaySent = false
  #graceTimer: SessionTimer | undefined
  #drainUntilMs: number | undefined
  /** Set once this side closes in order. */
  #closedBy: string | undefined

  constructor(options: SessionOptions) {
    const limits = resolveSessionLimits(options.limits)
    this.#options = options
    this.#core = sessionCore(options, limits, this.#traffic, this)
    this.#outgoing = new OutgoingCalls(this.#core)
    this.#incoming = new IncomingCalls(this.#core)
    this.#receivers = {
      outgoing: this.#outgoing,
      incoming: this.#incoming,
      events: new EventReceiver(this.#core),
    }
    this.#events = new EventSender(this.#core, this)
    this.#traffic.serve(this.#core, this.#receivers, this.#events)
    this.#envelopes = new IncomingEnvelopes(limits, this.#receivers, this.#core.partial)
    this.#end = new SessionEnd(this.#core.endings, (reason) => this.#close(reason))
    if (options.role === 'client') this.#core.writer.check(helloOf({ ...options, limits }))
  }

  get state(): Session['state'] {
    return this.#phase === 'ending' ? 'closed' : this.#phase
  }

  get peer(): PeerInfo | undefined {
    return this.#peer
  }

  get callsInFlight(): number {
    return this.#outgoing.size + this.#incoming.size
  }

  get queuedBytes(): number {
    return this.#core.writer.queuedBytes
  }

  stats(): SessionStats {
    return {
      memory: this.#core.memory.now,
      callsInFlight: this.callsInFlight,
      callsAbandoned: this.#incoming.abandoned,
      turnsUsedUp: this.#core.turn.timesUsedUp,
    }
  }

  get eventBytesWaiting(): number {
    return this.#events.bytesWaiting
  }

  get #isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  attach(channel: FrameChannel): void {
    checkChannel(channel)
    if (this.#link !== undefined) throw secondChannel()
    const link = new Link(channel, { ...this.#options, ...this.#core }, this)
    if (this.#isOver) {
      link.abort()
      return
    }
    this.#link = link
    this.#core.writer.attach(link.channel)
    this.#traffic.attach(link, () =>
      this.linkFailed(new SessionFault('LIMIT_EXCEEDED', 'the peer does not read its answers')),
    )
    try {
      link.start()
    } catch (cause) {
      // The channel may have been started, and has no other owner. One that was not tells nobody that it is gone.
      this.abort({ code: 'ABORTED', message: 'the session could not start', cause })
      this.#closeSoon()
      throw cause
    }
  }

  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    return this.#outgoing.start(options, events)
  }

  changeSubscription(
    change: OutgoingSubscription,
    settled: (error: RpcError | undefined) => void,
  ): OutgoingCall {
    const options = { procedure: change.event, input: emptyBody, subscription: change }
    return this.#outgoing.start(options, { item: () => undefined, settled })
  }

  emit(event: SessionEvent | EventEncoding): EmitVerdict {
    return this.#events.emit(event)
  }

  leaveOut(event: EventEncoding): void {
    this.#events.leaveOut(event)
  }

  eventsSent(): Promise<boolean> {
    return this.#events.sent()
  }

  takeMemory(bytes: number): RpcError | undefined {
    return this.#core.memory.takeOwner(bytes)
  }

  giveMemory(bytes: number): void {
    this.#core.memory.giveOwner(bytes)
  }

  announceEnd({ retryAfterMs }: { readonly retryAfterMs?: number | undefined } = {}): void {
    if (retryAfterMs !== undefined && !isDuration(retryAfterMs)) throw invalidWait(retryAfterMs)
    if (this.#phase !== 'open') return
    this.#link?.sendGoaway({
      kind: 'goaway',
      code: 'CLOSED',
      text: '',
      retryAfterMs: wholeMs(retryAfterMs),
      metadata: noMetadata,
    })
  }

  close({
    graceMs = this.#core.limits.closeGraceMs,
    closedBy = 'this side was closed',
  }: SessionCloseOptions = {}): Promise<void> {
    if (!isDuration(graceMs)) return Promise.reject(invalidGrace(graceMs))
    if (this.#isOver || this.#goawaySent) return this.#end.closed
    const { environment } = this.#core
    this.#closedBy = closedBy
    this.#sendGoaway(orderly)
    if (this.#phase === 'opening') this.#finish(orderly)
    else {
      this.#phase = 'draining'
      this.#drainUntilMs = environment.nowMs() + graceMs
      this.#graceTimer = environment.setTimer(graceMs, () => this.#graceOver())
      this.#core.endings.add(sendNoMore(this.#outgoing, closedBy))
      this.#endWhenIdle()
    }
    return this.#end.closed
  }

  abort(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    if (!this.#isOver) this.#settleEverything(reason)
    this.#stopTimers()
    this.#traffic.stop()
    if (this.#link === undefined) this.#closeSoon()
    else this.#link.abort()
  }

  linkOpened(peer: PeerInfo): void {
    this.#phase = 'open'
    this.#core.writer.setPeer(peer.settings)
    this.#peer = peer
    this.#core.writer.grease(this.#core.environment)
    this.#events.open()
    this.#core.guard(() => this.#core.handlers.opened(peer))
    this.#outgoing.setSlots(peer.settings.callsInFlightMax)
  }

  /** A client's calls fail with what the server said. */
  linkRefused(reason: SessionCloseReason, error: RpcError | undefined): void {
    this.#end.refusedWith(error)
    this.#finish(reason)
  }

  linkFrame(payload: Uint8Array): void {
    if (!this.#isOver) this.#envelopes.receive(payload)
  }

  linkGoaway({ code, text, lastCallId, retryAfterMs }: GoawayEnvelope): void {
    if (this.#isOver) return
    this.#end.mayComeBackAfter(retryAfterMs)
    if (code !== 'CLOSED' || this.#phase === 'opening') {
      // Without an id it says nothing of the calls that are open: they may have run.
      if (lastCallId !== undefined) this.#takeNoMore(lastCallId)
      this.#finish(code === 'CLOSED' ? orderly : reasonOfGoaway(code, text))
      return
    }
    const isFinal = lastCallId !== undefined
    if (isFinal) this.#takeNoMore(lastCallId)
    if (this.#phase === 'open') {
      if (isFinal) this.#phase = 'draining'
      this.#core.guard(() => this.#core.handlers.goaway({ isFinal, retryAfterMs }))
    }
    this.#endWhenIdle()
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

  callEnded(): void {
    this.#outgoing.sendWaiting()
    this.#endWhenIdle()
  }

  /** All sessions of the server hold too much, and this one most. */
  giveUp(): void {
    const { totalBytes } = this.#core.memory.now
    const text = `the memory of all connections is used up, and ${totalBytes} bytes of it are held for this one`
    this.linkFailed(new SessionFault('OVERLOADED', text))
  }

  /** What was published before an orderly end goes out before it. */
  noEventWaits(): void {
    this.#endWhenIdle()
  }

  /** A peer that reads, however slowly, gets to the reason. */
  peerIsSlow(message: string): void {
    const { environment, limits } = this.#core
    this.#drainUntilMs = environment.nowMs() + limits.closeGraceMs
    this.linkFailed(new SessionFault('LIMIT_EXCEEDED', message))
  }

  linkEnded(): void {
    this.#finish(this.#phase === 'draining' ? orderly : lostConnection())
  }

  /** Ends for a fault of the peer, and says why, unless the peer seems to speak another protocol. */
  linkFailed({ code, message, cause }: SessionFault): void {
    const stranger = this.#phase === 'opening' && (code === 'NOT_FRAMEPORT' || code === 'FRAME_TOO_LONG')
    const reason: SessionCloseReason = { code, message, ...(cause === undefined ? {} : { cause }) }
    this.#finish(reason, () => stranger || this.#sendGoaway(reason))
  }

  linkClosed(reason: SessionCloseReason): void {
    this.#end.linkGone(() => {
      if (!this.#isOver) this.#settleEverything(reason)
      this.#stopTimers()
      this.#traffic.stop()
    })
  }

  /** The last of all: a session with many calls may have ended only some of them when its link is gone. */
  #close(reason: SessionCloseReason): void {
    this.#phase = 'closed'
    this.#core.memory.close()
    this.#outgoing.settleRefused()
    this.#core.guard(() => this.#core.handlers.closed(reason))
  }

  #sendGoaway(reason: SessionCloseReason): void {
    this.#goawaySent = true
    this.#incoming.goawaySent()
    const { overloadRetryAfterMs } = this.#core.limits
    this.#link?.sendGoaway(goawayOf(reason, this.#incoming.lastId, overloadRetryAfterMs))
  }

  #endWhenIdle(): void {
    if (this.#phase !== 'draining' || this.#outgoing.awaited + this.#incoming.awaited > 0) return
    if (!this.#goawaySent || !this.#events.isWaiting) this.#finish(orderly)
  }

  #graceOver(): void {
    this.#phase = 'ending'
    this.#end.because(orderly)
    this.#events.close()
    this.#end.endCalls(giveUpOpen(this.#receivers, this.#closedBy ?? ''), () => this.#endLink(orderly))
  }

  #takeNoMore(lastCallId: number): void {
    this.#core.endings.add(takeNoMore(this.#outgoing, lastCallId, this.#end.retryAfterMs))
  }

  #finish(reason: SessionCloseReason, lastWords?: () => void): void {
    if (this.#isOver) return
    this.#settleEverything(reason)
    lastWords?.()
    this.#endLink(reason)
  }

  /** From here on nothing is taken in. */
  #settleEverything(reason: SessionCloseReason): void {
    this.#phase = 'ending'
    const known = this.#end.because(reason)
    this.#core.partial.clear()
    this.#core.bodies.clear()
    this.#events.close()
    const closedBy = reason === orderly ? this.#closedBy : undefined
    this.#end.endCalls(settleAll(this.#receivers, known, this.#end.refusal, closedBy))
    this.#core.guard(() => this.#core.handlers.ending?.(known))
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

  /** For want of a link that would say so. */
  #closeSoon(): void {
    inMicrotask(() => this.linkClosed(orderly))
  }

  #stopTimers(): void {
    this.#graceTimer?.cancel()
    this.#traffic.stopTimers()
  }
}

/**
 * One side of one conversation. It waits for the channel given to `attach`: a client sends its hello there at once, a
 * server waits for one. Calls can be made before that and wait, with their deadlines.
 *
 * @throws ProtocolError INVALID_OPTION, INVALID_LIMITS, and INVALID_FIELD or INVALID_BODY for a hello that cannot be sent
 */
export function createSession(options: SessionOptions): Session {
  return new FrameSession(checkSessionOptions(options))
}
