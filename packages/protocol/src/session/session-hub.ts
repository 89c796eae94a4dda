import { IncomingCalls } from './calls/incoming-calls.ts'
import { OutgoingCalls } from './calls/outgoing-calls.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { NamedSessions } from './common/named-sessions.ts'
import type { PeerInfo } from './common/peer-info.ts'
import { SessionFault } from './common/session-fault.ts'
import { resolveSessionLimits } from './common/session-limits.ts'
import type { Session, SessionOptions } from './common/session-types.ts'
import { nextTurn } from './common/turns.ts'
import { EventReceiver } from './events/event-receiver.ts'
import type { EventSenderEvents } from './events/event-sender.ts'
import type { EventSending } from './events/no-event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import type { Link } from './link/link.ts'
import type { LinkEvents, LinkOwner, MovableLink } from './link/link-types.ts'
import { LinkReceiver } from './link-receiver.ts'
import { Resumption, type ResumptionOwner } from './resume/resumption.ts'
import { SessionLife } from './session-life.ts'
import { type CoreEvents, SessionParts } from './session-parts.ts'
import { Traffic, type TrafficEvents } from './traffic.ts'

const movedOn: SessionCloseReason = {
  code: 'CLOSED',
  message: 'its connection belongs to the session that it resumes',
  closedBy: 'peer',
}

/**
 * Combines the parts of one side above its link. Their calls to each other go through this object, and its owner
 * uses the same object, because each connection would keep a second one.
 */
export class SessionHub implements CoreEvents, TrafficEvents, EventSenderEvents, LinkOwner, ResumptionOwner {
  protected readonly options: SessionOptions
  protected readonly core: SessionCore
  protected readonly outgoing: OutgoingCalls
  protected readonly incoming: IncomingCalls
  protected readonly eventSender: EventSending
  protected readonly traffic = new Traffic()
  protected readonly life: SessionLife
  protected readonly receiver: LinkReceiver
  readonly resume: Resumption | undefined

  /** @param newEventSender creates its sender of events */
  constructor(
    options: SessionOptions,
    newEventSender: (core: SessionCore, events: EventSenderEvents) => EventSending,
  ) {
    this.options = options
    this.core = new SessionParts(options, resolveSessionLimits(options.limits), this.traffic, this)
    this.outgoing = new OutgoingCalls(this.core)
    this.incoming = new IncomingCalls(this.core)
    const receivers = {
      outgoing: this.outgoing,
      incoming: this.incoming,
      events: new EventReceiver(this.core),
    }
    this.eventSender = newEventSender(this.core, this)
    this.resume = this.#resumption()
    this.traffic.serve(this.core, receivers, this.eventSender, this.resume, this)
    this.life = new SessionLife(this.core, receivers, this.eventSender, this.traffic, this.resume)
    this.receiver = new LinkReceiver(
      this.core,
      receivers,
      this.eventSender,
      this.traffic,
      this.life,
      this.resume,
      options.connectsAgain === true,
    )
  }

  #resumption(): Resumption | undefined {
    const { environment, limits, turn } = this.core
    const { host, role, contracts } = this.options
    if (limits.resumeBytes === 0) return undefined
    const sessions =
      role === 'server' ? (host?.resumable as NamedSessions<Resumption> | undefined) : undefined
    const own = { settings: limits, contracts }
    return new Resumption({ environment, limits, turn, own, sessions }, this)
  }

  get peer(): PeerInfo | undefined {
    return this.receiver.peer
  }

  get events(): LinkEvents {
    return this.receiver
  }

  get turn(): SessionCore['turn'] {
    return this.core.turn
  }

  get mayGoOn(): boolean {
    return this.life.phase === 'open'
  }

  leftMs(callId: number): number | undefined {
    return this.outgoing.leftMs(callId)
  }

  takeLink(given: MovableLink): boolean {
    // There are no others.
    const link = given as Link
    this.receiver.leaveLink()
    if (!this.mayGoOn || link.isOver()) return false
    this.life.attach(link)
    link.moveTo(this)
    this.traffic.tookOver()
    return true
  }

  movedTo(owner: ResumptionOwner): void {
    this.life.releaseLink()
    this.core.guard(() => this.options.handlers.moved?.(owner as ResumptionOwner & Session))
    this.life.finish(movedOn)
  }

  tellReceived(): void {
    this.life.link?.sendAck()
  }

  askReceived(): void {
    this.life.link?.ask()
  }

  caughtUp(): void {
    this.life.endWhenIdle()
  }

  neverMade(callId: number): void {
    this.outgoing.neverMade(callId)
  }

  roomAgain(): void {
    this.traffic.acknowledged()
  }

  get memoryIsTight(): boolean {
    return this.core.memory.isTight
  }

  get keptBytes(): number {
    return this.resume?.channel?.keptBytes ?? 0
  }

  callEnded(): void {
    this.outgoing.sendWaiting()
    this.life.endWhenIdle()
  }

  failed(fault: SessionFault): void {
    this.life.failed(fault)
  }

  /**
   * All sessions of the server hold too much, and this one most. A connection that ends in order still reads for a
   * while, and a frame that has begun continues to grow: if frames are most of the memory, it is aborted in the next
   * turn, after the goaway.
   */
  giveUp(): void {
    const { totalBytes, frameBytes } = this.core.memory.now
    const text = `the memory of all connections is used up, and ${totalBytes} bytes of it are held for this one`
    this.failed(new SessionFault('OVERLOADED', text))
    if (2 * frameBytes > totalBytes)
      nextTurn(this.core.environment, () => this.life.abort({ code: 'OVERLOADED', message: text }))
  }

  get silentMs(): number {
    return this.traffic.silentMs
  }

  get othersWait(): boolean {
    return this.traffic.othersWait
  }

  answersUnread(): void {
    this.receiver.linkUnread(new SessionFault('LIMIT_EXCEEDED', 'the peer does not read its answers'))
  }

  noEventWaits(): void {
    this.life.endWhenIdle()
  }

  peerIsSlow(message: string): void {
    this.core.guard(() => this.options.handlers.peerIsSlow?.(message))
    this.life.failedForSlowness(new SessionFault('LIMIT_EXCEEDED', message))
  }
}
