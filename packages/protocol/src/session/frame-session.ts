import type { FrameChannel } from '@frameport/framing'
import type { Body } from '../envelope/codec.ts'
import type { LogPosition } from '../envelope/session-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import { startSubscription } from './calls/outgoing-subscription.ts'
import {
  checkChannel,
  clientComesBack,
  endedLink,
  otherHandshake,
  secondChannel,
  usedSession,
} from './check-arguments.ts'
import { checkClientSessionOptions, checkSessionOptions } from './check-session-options.ts'
import type {
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  OutgoingSubscription,
} from './common/call-types.ts'
import type { SessionCloseReason } from './common/close-reason.ts'
import type { ChallengeOptions } from './common/credentials.ts'
import type { EmitVerdict, EventEncoding } from './common/event-types.ts'
import { OpenedLink } from './common/opened-link.ts'
import type { EventGap, SessionEvent } from './common/session-messages.ts'
import type { SessionStats } from './common/session-stats.ts'
import type {
  ChannelOptions,
  ClientSessionOptions,
  Session,
  SessionCloseOptions,
  SessionOptions,
} from './common/session-types.ts'
import { sendFailure } from './flow/wire-errors.ts'
import { helloOf } from './link/greeting.ts'
import { Link } from './link/link.ts'
import type { LinkOptions } from './link/link-types.ts'
import { differenceOf } from './resume/resume-agreement.ts'
import { SessionCredentials } from './session-credentials.ts'
import { SessionHub } from './session-hub.ts'
import { clientSide, eitherSide, type SessionSide } from './session-side.ts'

/** One side above its link, as its owner sees it. */
class FrameSession extends SessionHub implements Session {
  #hadChannel = false
  readonly #side: SessionSide
  readonly #credentials: SessionCredentials

  constructor(options: SessionOptions, side: SessionSide) {
    super(options, side.newEventSender)
    this.#side = side
    this.#credentials = new SessionCredentials(this.core, this.life, options.auth)
    if (options.role === 'client') this.#checkHello(options.auth)
  }

  get state(): Session['state'] {
    const { phase, isDetached } = this.life
    if (isDetached) return 'detached'
    return phase === 'ending' ? 'closed' : phase
  }

  get callsInFlight(): number {
    return this.outgoing.size + this.incoming.running
  }

  get queuedBytes(): number {
    return this.core.writer.queuedBytes
  }

  stats(): SessionStats {
    return {
      memory: this.core.memory.now,
      callsInFlight: this.callsInFlight,
      callsAbandoned: this.incoming.abandoned,
      onewaysDropped: this.incoming.oneways.dropped,
      turnsUsedUp: this.core.turn.timesUsedUp,
      totals: {
        bytesReceived: this.life.bytesReceived,
        bytesSent: this.life.bytesSent,
        callsMade: this.outgoing.made,
        callsFailed: this.outgoing.failed,
      },
    }
  }

  get eventBytesWaiting(): number {
    return this.eventSender.bytesWaiting
  }

  attach(channel: FrameChannel | OpenedLink, { auth }: ChannelOptions = {}): void {
    if (channel instanceof OpenedLink) {
      this.#attachOpened(channel)
      return
    }
    checkChannel(channel)
    if (this.life.link !== undefined) throw secondChannel()
    const { role } = this.options
    if (role === 'server' && this.#hadChannel && !this.life.isOver) throw clientComesBack()
    if (auth !== undefined && auth !== this.#credentials.auth) {
      this.#checkHello(auth)
      this.#credentials.auth = auth
    }
    const link = new Link(channel, this.#linkOptions(this.#credentials.auth), this, this.#side.newTaker)
    if (this.life.isOver) {
      link.abort()
      return
    }
    this.#hadChannel = true
    this.life.attach(link)
    try {
      link.start()
    } catch (cause) {
      this.receiver.linkDidNotStart(cause)
      throw cause
    }
  }

  /** @throws ProtocolError for what cannot be sent */
  #checkHello(auth: Body | undefined): void {
    this.core.writer.check(helloOf(this.#linkOptions(auth)))
  }

  /** Copied member by member: with a spread, the options of each link would have a different shape. */
  #linkOptions(auth: Body | undefined): LinkOptions {
    const { role, contracts, metadata, handlers } = this.options
    const { environment, limits } = this.core
    return { role, contracts, metadata, handlers, environment, limits, auth }
  }

  #attachOpened(opened: OpenedLink): void {
    const { role, contracts } = this.options
    if (role !== 'client' || this.life.link !== undefined || this.life.phase !== 'opening')
      throw usedSession()
    const difference = differenceOf(opened.own, { settings: this.core.limits, contracts })
    if (difference !== undefined) throw otherHandshake(difference)
    const link = opened.take() as Link | undefined
    if (link?.isOpen !== true) throw endedLink()
    this.life.attach(link)
    this.resume?.welcomed(opened.ticket, undefined)
    link.moveTo(this)
    this.traffic.tookOver()
    this.receiver.linkOpened(opened.peer)
  }

  call(options: OutgoingCallOptions, events: OutgoingCallEvents): OutgoingCall {
    return this.outgoing.start(options, events)
  }

  changeSubscription(
    change: OutgoingSubscription,
    settled: (error: RpcError | undefined, position?: LogPosition) => void,
  ): OutgoingCall {
    return startSubscription(this.outgoing, change, settled)
  }

  endSubscription(callId: number, error: RpcError): void {
    const { answers, writer } = this.core
    // After the success of the call, which may still wait to be sent.
    answers.add(() => sendFailure(writer, callId, error))
    this.core.answered()
  }

  emit(event: SessionEvent | EventEncoding): EmitVerdict {
    return this.eventSender.emit(event)
  }

  emitIfRoom(event: EventEncoding): EmitVerdict | undefined {
    return this.eventSender.emitIfRoom(event)
  }

  leaveOut(event: EventEncoding): void {
    this.eventSender.leaveOut(event)
  }

  sendGap(gap: EventGap): void {
    this.eventSender.sendGap(gap)
  }

  eventsSent(): Promise<boolean> {
    return this.eventSender.sent()
  }

  eventsDrained(): Promise<boolean> {
    return this.eventSender.drainedOnce()
  }

  takeMemory(bytes: number): RpcError | undefined {
    return this.core.memory.takeOwner(bytes)
  }

  get isMemoryScarce(): boolean {
    return this.core.memory.isScarce
  }

  giveMemory(bytes: number): void {
    this.core.memory.giveOwner(bytes)
  }

  challenge(challenge: Body, options: ChallengeOptions = {}): Promise<void> {
    return this.#credentials.challenge(challenge, options)
  }

  renewCredentials(auth: Body): Promise<void> {
    return this.#credentials.renew(auth)
  }

  announceEnd({ retryAfterMs }: { readonly retryAfterMs?: number | undefined } = {}): void {
    this.life.announceEnd(retryAfterMs)
  }

  close(options: SessionCloseOptions = {}): Promise<void> {
    return this.life.close(options)
  }

  detach(reason: SessionCloseReason): void {
    this.receiver.giveUpLink(reason)
  }

  abort(reason: SessionCloseReason): void {
    this.life.abort(reason)
  }
}

/**
 * Makes one side of a conversation. It waits for a channel (`attach`): a client sends its hello there at once, and a
 * server waits for a hello. Calls can be made before that; they wait, and their deadlines run.
 *
 * @example
 * const session = createSession({ role: 'client', environment, handlers, contracts: [chat.announcement] })
 * session.attach(channel)
 * session.call({ procedure: 'chat@1/join', input: { kind: 'value', value: 'lobby' } }, events)
 *
 * @throws ProtocolError INVALID_OPTION, INVALID_LIMITS, and INVALID_FIELD or INVALID_BODY for a hello that cannot be
 *   sent
 */
export function createSession(options: SessionOptions): Session {
  return new FrameSession(checkSessionOptions(options), eitherSide)
}

/**
 * Makes the session of a client that receives events and sends none: `emit` returns `closed`. A bundle of it does not
 * contain the code that only servers need.
 *
 * @throws ProtocolError as {@link createSession}
 */
export function createClientSession(options: ClientSessionOptions): Session {
  return new FrameSession(checkClientSessionOptions(options), clientSide)
}
