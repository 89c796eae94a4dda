import type { FrameChannel } from '@frameport/framing'
import { type Body, emptyBody } from '../envelope/codec.ts'
import type { LogPosition } from '../envelope/session-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import { IncomingCalls } from './calls/incoming-calls.ts'
import { OutgoingCalls } from './calls/outgoing-calls.ts'
import {
  checkChannel,
  clientComesBack,
  endedLink,
  otherHandshake,
  secondChannel,
  usedSession,
} from './check-arguments.ts'
import { checkSessionOptions } from './check-session-options.ts'
import type {
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  OutgoingSubscription,
} from './common/call-types.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { ChallengeOptions } from './common/credentials.ts'
import type { EmitVerdict, EventEncoding } from './common/event-types.ts'
import type { NamedSessions } from './common/named-sessions.ts'
import { OpenedLink } from './common/opened-link.ts'
import type { PeerInfo } from './common/peer-info.ts'
import { SessionFault } from './common/session-fault.ts'
import { resolveSessionLimits, type SessionLimits } from './common/session-limits.ts'
import type { SessionStats } from './common/session-stats.ts'
import type {
  ChannelOptions,
  EventGap,
  Session,
  SessionCloseOptions,
  SessionEvent,
  SessionOptions,
} from './common/session-types.ts'
import { nextTurn } from './common/turns.ts'
import { EventReceiver } from './events/event-receiver.ts'
import { EventSender, type EventSenderEvents } from './events/event-sender.ts'
import type { SessionCore } from './flow/session-core.ts'
import { helloOf } from './link/greeting.ts'
import { Link } from './link/link.ts'
import type { LinkEvents, LinkOptions, LinkOwner, MovableLink } from './link/link-types.ts'
import { LinkReceiver } from './link-receiver.ts'
import { differenceOf } from './resume/resume-agreement.ts'
import { Resumption, type ResumptionOwner } from './resume/resumption.ts'
import { SessionCredentials } from './session-credentials.ts'
import { SessionLife } from './session-life.ts'
import { type CoreEvents, SessionParts } from './session-parts.ts'
import { Traffic, type TrafficEvents } from './traffic.ts'

const movedOn: SessionCloseReason = {
  code: 'CLOSED',
  message: 'its connection belongs to the session that it resumes',
  closedBy: 'peer',
}

/** One side above its link: what its owner asks of it, made of its calls, events and traffic, and of how it ends. */
class FrameSession
  implements Session, CoreEvents, TrafficEvents, EventSenderEvents, LinkOwner, ResumptionOwner
{
  readonly #options: SessionOptions
  readonly #core: SessionCore
  readonly #outgoing: OutgoingCalls
  readonly #incoming: IncomingCalls
  readonly #events: EventSender
  readonly #traffic = new Traffic()
  readonly #life: SessionLife
  readonly #receiver: LinkReceiver
  #hadChannel = false
  readonly resume: Resumption | undefined
  readonly #credentials: SessionCredentials

  constructor(options: SessionOptions) {
    const limits = resolveSessionLimits(options.limits)
    this.#options = options
    this.#core = new SessionParts(options, limits, this.#traffic, this)
    this.#outgoing = new OutgoingCalls(this.#core)
    this.#incoming = new IncomingCalls(this.#core)
    const receivers = {
      outgoing: this.#outgoing,
      incoming: this.#incoming,
      events: new EventReceiver(this.#core),
    }
    this.#events = new EventSender(this.#core, this)
    this.resume = this.#resumption(limits)
    this.#traffic.serve(this.#core, receivers, this.#events, this.resume, this)
    this.#life = new SessionLife(
      this.#core,
      receivers,
      this.#events,
      this.#traffic,
      this.resume,
    )
    this.#credentials = new SessionCredentials(this.#core, this.#life, options.auth)
    this.#receiver = new LinkReceiver(
      this.#core,
      receivers,
      this.#events,
      this.#traffic,
      this.#life,
      this.resume,
      options.connectsAgain === true,
    )
    if (options.role === 'client') this.#checkHello(options.auth)
  }

  get state(): Session['state'] {
    const { phase, isDetached } = this.#life
    if (isDetached) return 'detached'
    return phase === 'ending' ? 'closed' : phase
  }

  get peer(): PeerInfo | undefined {
    return this.#receiver.peer
  }

  get callsInFlight(): number {
    return this.#outgoing.size + this.#incoming.running
  }

  get queuedBytes(): number {
    return this.#core.writer.queuedBytes
  }

  stats(): SessionStats {
    return {
      memory: this.#core.memory.now,
      callsInFlight: this.callsInFlight,
      callsAbandoned: this.#incoming.abandoned,
      onewaysDropped: this.#incoming.oneways.dropped,
      turnsUsedUp: this.#core.turn.timesUsedUp,
    }
  }

  get eventBytesWaiting(): number {
    return this.#events.bytesWaiting
  }

  attach(channel: FrameChannel | OpenedLink, { auth }: ChannelOptions = {}): void {
    if (channel instanceof OpenedLink) {
      this.#attachOpened(channel)
      return
    }
    checkChannel(channel)
    if (this.#life.link !== undefined) throw secondChannel()
    const { role } = this.#options
    if (role === 'server' && this.#hadChannel && !this.#life.isOver) throw clientComesBack()
    if (auth !== undefined && auth !== this.#credentials.auth) {
      this.#checkHello(auth)
      this.#credentials.auth = auth
    }
    const link = new Link(channel, this.#linkOptions(this.#credentials.auth), this)
    if (this.#life.isOver) {
      link.abort()
      return
    }
    this.#hadChannel = true
    this.#life.attach(link)
    try {
      link.start()
    } catch (cause) {
      this.#receiver.linkDidNotStart(cause)
      throw cause
    }
  }

  /** @throws ProtocolError for what cannot be sent */
  #checkHello(auth: Body | undefined): void {
    this.#core.writer.check(helloOf(this.#linkOptions(auth)))
  }

  /** Member by member: spread, the options of each link would have a shape of their own. */
  #linkOptions(auth: Body | undefined): LinkOptions {
    const { role, contracts, metadata, handlers } = this.#options
    const { environment, limits } = this.#core
    return { role, contracts, metadata, handlers, environment, limits, auth }
  }

  #attachOpened(opened: OpenedLink): void {
    const { role, contracts } = this.#options
    if (role !== 'client' || this.#life.link !== undefined || this.#life.phase !== 'opening')
      throw usedSession()
    const difference = differenceOf(opened.own, { settings: this.#core.limits, contracts })
    if (difference !== undefined) throw otherHandshake(difference)
    const link = opened.take() as Link | undefined
    if (link?.isOpen !== true) throw endedLink()
    this.#life.attach(link)
    this.resume?.welcomed(opened.ticket, undefined)
    link.moveTo(this)
    this.#traffic.tookOver()
    this.#receiver.linkOpened(opened.peer)
  }

  #resumption(limits: SessionLimits): Resumption | undefined {
    const { environment, turn } = this.#core
    const { host, role, contracts } = this.#options
    if (limits.resumeBytes === 0) return undefined
    const sessions =
      role === 'server' ? (host?.resumable as NamedSessions<Resumption> | undefined) : undefined
    const own = { settings: limits, contracts }
    return new Resumption({ environment, limits, turn, own, sessions }, this)
  }

  get events(): LinkEvents {
    return this.#receiver
  }

  get turn(): SessionCore['turn'] {
    return this.#core.turn
  }

  get mayGoOn(): boolean {
    return this.#life.phase === 'open'
  }

  leftMs(callId: number): number | undefined {
    return this.#outgoing.leftMs(callId)
  }

  takeLink(given: MovableLink): boolean {
    // There are no others.
    const link = given as Link
    this.#receiver.leaveLink()
    if (!this.mayGoOn || link.isOver()) return false
    this.#life.attach(link)
    link.moveTo(this)
    this.#traffic.tookOver()
    return true
  }

  movedTo(owner: ResumptionOwner): void {
    this.#life.releaseLink()
    this.#core.guard(() => this.#options.handlers.moved?.(owner as FrameSession))
    this.#life.finish(movedOn)
  }

  tellReceived(): void {
    this.#life.link?.sendAck()
  }

  askReceived(): void {
    this.#life.link?.ask()
  }

  caughtUp(): void {
    this.#life.endWhenIdle()
  }

  neverMade(callId: number): void {
    this.#outgoing.neverMade(callId)
  }

  roomAgain(): void {
    this.#traffic.acknowledged()
  }

  get memoryIsTight(): boolean {
    return this.#core.memory.isTight
  }

  get keptBytes(): number {
    return this.resume?.channel?.keptBytes ?? 0
  }

  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    return this.#outgoing.start(options, events)
  }

  changeSubscription(
    change: OutgoingSubscription,
    settled: (error: RpcError | undefined, position?: LogPosition) => void,
  ): OutgoingCall {
    const options = { procedure: change.event, input: emptyBody, subscription: change }
    let begin: LogPosition | undefined
    return this.#outgoing.start(options, {
      item: () => undefined,
      startsAfter: (position) => {
        begin = position
      },
      settled: (error) => settled(error, begin),
    })
  }

  emit(event: SessionEvent | EventEncoding): EmitVerdict {
    return this.#events.emit(event)
  }

  leaveOut(event: EventEncoding): void {
    this.#events.leaveOut(event)
  }

  sendGap(gap: EventGap): void {
    this.#events.sendGap(gap)
  }

  eventsSent(): Promise<boolean> {
    return this.#events.sent()
  }

  eventsDrained(): Promise<boolean> {
    return this.#events.drainedOnce()
  }

  takeMemory(bytes: number): RpcError | undefined {
    return this.#core.memory.takeOwner(bytes)
  }

  get isMemoryScarce(): boolean {
    return this.#core.memory.isScarce
  }

  giveMemory(bytes: number): void {
    this.#core.memory.giveOwner(bytes)
  }

  challenge(challenge: Body, options: ChallengeOptions = {}): Promise<void> {
    return this.#credentials.challenge(challenge, options)
  }

  renewCredentials(auth: Body): Promise<void> {
    return this.#credentials.renew(auth)
  }

  announceEnd({ retryAfterMs }: { readonly retryAfterMs?: number | undefined } = {}): void {
    this.#life.announceEnd(retryAfterMs)
  }

  close(options: SessionCloseOptions = {}): Promise<void> {
    return this.#life.close(options)
  }

  detach(reason: SessionCloseReason): void {
    this.#receiver.giveUpLink(reason)
  }

  abort(reason: SessionCloseReason): void {
    this.#life.abort(reason)
  }

  callEnded(): void {
    this.#outgoing.sendWaiting()
    this.#life.endWhenIdle()
  }

  failed(fault: SessionFault): void {
    this.#life.failed(fault)
  }

  /**
   * All sessions of the server hold too much, and this one most. A connection that ends in order reads on for a while, and a frame
   * that has begun goes on growing: when most of what is held are frames, it is cut in the next turn, behind the goaway.
   */
  giveUp(): void {
    const { totalBytes, frameBytes } = this.#core.memory.now
    const text = `the memory of all connections is used up, and ${totalBytes} bytes of it are held for this one`
    this.failed(new SessionFault('OVERLOADED', text))
    if (2 * frameBytes > totalBytes)
      nextTurn(this.#core.environment, () => this.abort({ code: 'OVERLOADED', message: text }))
  }

  get silentMs(): number {
    return this.#traffic.silentMs
  }

  get othersWait(): boolean {
    return this.#traffic.othersWait
  }

  answersUnread(): void {
    this.#receiver.linkUnread(new SessionFault('LIMIT_EXCEEDED', 'the peer does not read its answers'))
  }

  noEventWaits(): void {
    this.#life.endWhenIdle()
  }

  peerIsSlow(message: string): void {
    this.#life.failedForSlowness(new SessionFault('LIMIT_EXCEEDED', message))
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
