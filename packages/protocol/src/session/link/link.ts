import type { FrameChannel, FrameSink, FramingError } from '@frameport/framing'
import { greaseKinds, isLinkKind } from '../../envelope/kinds.ts'
import type {
  GoawayEnvelope,
  LinkEnvelope,
  SessionTicket,
  WelcomeEnvelope,
} from '../../envelope/link-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { OwnAnnouncement } from '../common/opened-link.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import { deadChannel, faultOf, lostConnection, SessionFault } from '../common/session-fault.ts'
import { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { sendGrease } from '../flow/grease.ts'
import type { GatedReceiver } from '../flow/receive-gate.ts'
import { ChannelEnding, type ChannelEndingEvents } from './channel-ending.ts'
import { CredentialsGiver } from './credentials-giver.ts'
import type { CredentialsLink } from './credentials-link.ts'
import type { CredentialsTaker, NewCredentialsTaker } from './credentials-taker.ts'
import { FrameDeadline, type FrameDeadlineEvents } from './frame-deadline.ts'
import { faultOfFraming } from './framing-faults.ts'
import { GuardedChannel, type GuardedChannelEvents } from './guarded-channel.ts'
import { Handshake, type HandshakeEvents } from './handshake.ts'
import { Heartbeat, type HeartbeatEvents } from './heartbeat.ts'
import type { AskedResume, LinkEvents, LinkOptions, LinkOwner, LinkResume } from './link-types.ts'
import { OwnFrames, type OwnFramesEvents } from './own-frames.ts'
import { type PauseReason, Reading } from './reading.ts'

/** `ending`: nothing more is accepted, and the channel is being closed. */
type Phase = 'opening' | 'open' | 'ending' | 'closed'

/** The token of a ping that asks how much was handled. Those of heartbeats are greater. */
const asksWhatWasHandled = 0

/**
 * One connection: its handshake, its heartbeat, and its goaway. It does not know calls: their envelopes go up
 * unchanged, and the session above sends them on {@link channel}. A link ends with its connection.
 */
export class Link
  implements
    FrameSink,
    GatedReceiver,
    HeartbeatEvents,
    HandshakeEvents,
    GuardedChannelEvents,
    ChannelEndingEvents,
    FrameDeadlineEvents,
    OwnFramesEvents,
    CredentialsLink
{
  readonly channel: GuardedChannel
  readonly taker: CredentialsTaker | undefined
  readonly giver: CredentialsGiver | undefined
  readonly #options: LinkOptions
  readonly #writer = new EnvelopeWriter()
  readonly #handshake: Handshake
  readonly #heartbeat: Heartbeat
  readonly #ownFrames: OwnFrames
  /** Created when it ends. */
  #madeEnding: ChannelEnding | undefined
  readonly #deadline: FrameDeadline
  readonly #reading: Reading
  /** The session above, which may change. */
  #owner: LinkOwner
  #phase: Phase = 'opening'
  #sawFrame = false
  /** Known before the link opens. */
  #peer: PeerInfo | undefined

  /** @param newTaker for a server: creates the object that receives the client's credentials */
  constructor(
    channel: FrameChannel,
    options: LinkOptions,
    owner: LinkOwner,
    newTaker: NewCredentialsTaker | undefined,
  ) {
    const { environment, limits } = options
    this.#options = options
    this.#owner = owner
    this.channel = new GuardedChannel(channel, this)
    this.#writer.attach(this.channel)
    if (options.role === 'server') this.taker = newTaker?.(options, this.#writer, this)
    else this.giver = new CredentialsGiver(options, this.#writer, this)
    this.#handshake = new Handshake(options, this.#writer, this)
    this.#heartbeat = new Heartbeat(environment, limits, this.channel, this)
    this.#ownFrames = new OwnFrames(options, this)
    this.#deadline = new FrameDeadline(environment, limits, this.channel, this)
    this.#reading = new Reading(this.channel, this.#heartbeat, this.#deadline)
  }

  /** @throws what the channel throws when it is started, ProtocolError for a hello that cannot be sent */
  start(): void {
    const { role, limits } = this.#options
    const firstFrameMax =
      role === 'server' ? Math.min(limits.helloBytesMax, limits.frameBytesMax) : limits.frameBytesMax
    this.channel.setReceiveBytesMax(firstFrameMax)
    this.channel.setSendBytesMax(limits.frameBytesMax)
    this.#startChannel()
    this.#handshake.begin(this.#owner.resume?.offer)
  }

  /** What this side has announced. */
  get own(): OwnAnnouncement {
    return { settings: this.#options.limits, contracts: this.#options.contracts }
  }

  /** True if its handshake is complete and it has not ended. */
  get isOpen(): boolean {
    return this.#phase === 'open'
  }

  /** The link belongs to another session from now on. */
  moveTo(owner: LinkOwner): void {
    this.#owner = owner
  }

  sendGoaway(goaway: GoawayEnvelope): void {
    this.#writer.send(goaway, 'own')
  }

  /** Reports to the peer how many envelopes of the session were handled. */
  sendAck(): void {
    if (this.#phase !== 'open') return
    const received = this.#owner.resume?.told()
    if (received !== undefined) this.#writer.send({ kind: 'ack', received }, 'own')
  }

  /** Asks the peer how much it has handled, after all data sent so far. Its pong has the answer. */
  ask(): void {
    if (this.#phase === 'open') this.ping(asksWhatWasHandled)
  }

  /** @param untilMs until then, on the session's clock, a peer that takes bytes is waited for */
  endInOrder(untilMs: number): void {
    if (this.#phase === 'closed') return
    this.#stop()
    this.#ending.begin(untilMs)
  }

  abort(): void {
    if (this.#phase === 'closed') return
    this.#stop()
    this.#ending.abort()
  }

  /** The memory of bytes that arrived and were not delivered. */
  get heldMemoryBytes(): number {
    return Math.max(this.channel.heldBytes, this.channel.heldMemoryBytes)
  }

  /** No envelope is delivered until {@link resume}. Meanwhile, silence means nothing. */
  pause(reason: PauseReason): void {
    this.#reading.pause(reason)
  }

  resume(reason: PauseReason): void {
    this.#reading.resume(reason)
  }

  /** The time for which the peer has been silent by the rules of the heartbeat; 0 if it is not. */
  get silentMs(): number {
    return this.#heartbeat.silentMs
  }

  drained(): Promise<void> {
    return this.channel.drained()
  }

  received(): void {
    try {
      const nowMs = this.#options.environment.nowMs()
      this.#heartbeat.heard(nowMs)
      this.#deadline.received(nowMs)
      this.#owner.events.linkReceived()
    } catch (error) {
      this.#fail(faultOf(error))
    }
  }

  frame(payload: Uint8Array): void {
    if (this.#isOver) {
      this.#owner.turn.count(payload.length)
      return
    }
    this.#deadline.frameCame()
    try {
      if (this.#phase === 'opening') this.#handshake.frame(payload)
      else if (isLinkKind(payload[0])) this.#ownFrames.frame(payload)
      else this.#owner.events.linkFrame(payload)
      this.#owner.turn.count(payload.length)
    } catch (error) {
      this.#fail(faultOf(error))
    }
    this.#sawFrame = true
  }

  invalid(error: FramingError): void {
    this.#fail(faultOfFraming(this.#options.role, error, this.#sawFrame))
    this.#owner.turn.countEnd()
  }

  /** The peer has ended. */
  end(): void {
    if (!this.#isOver) this.#owner.events.linkEnded()
    this.#owner.turn.countEnd()
  }

  drain(): void {
    this.#owner.events.linkDrained()
  }

  close(error?: Error): void {
    this.#closed(lostConnection(error))
  }

  peerKnown(peer: PeerInfo): void {
    this.#peer = peer
    this.#writer.setPeer(peer.settings)
    this.channel.setSendBytesMax(peer.settings.frameBytesMax)
  }

  opened(): void {
    // A callback of the handshake may have ended it.
    if (this.#phase !== 'opening') return
    this.#phase = 'open'
    this.#handshake.stop()
    const { environment, limits } = this.#options
    this.channel.setReceiveBytesMax(limits.frameBytesMax)
    try {
      this.#heartbeat.start()
      this.#deadline.heartbeatBegins()
      sendGrease(this.channel, environment, greaseKinds.link)
      this.#owner.events.linkOpened(this.#peer!)
    } catch (error) {
      this.#fail(faultOf(error))
    }
  }

  refused(reason: SessionCloseReason, error?: RpcError): void {
    this.#owner.events.linkRefused(reason, error)
  }

  sessionFor(
    asked: AskedResume | undefined,
    principal: string | undefined,
  ): Pick<WelcomeEnvelope, 'session' | 'received'> {
    return this.#owner.resume?.welcome(this, asked, this.#peer as PeerInfo, principal) ?? {}
  }

  get events(): LinkEvents {
    return this.#owner.events
  }

  send(envelope: LinkEnvelope): void {
    this.#writer.send(envelope, 'own')
  }

  get resumption(): LinkResume | undefined {
    return this.#owner.resume
  }

  answer(envelope: LinkEnvelope): void {
    const sentBefore = this.channel.bytesSent
    this.#writer.send(envelope, 'answer')
    this.#owner.events.linkAnswered(this.channel.bytesSent - sentBefore)
  }

  sessionIs(ticket: SessionTicket | undefined, received: number | undefined): void {
    this.#owner.resume?.welcomed(ticket, received)
  }

  goaway(envelope: GoawayEnvelope): void {
    this.#owner.events.linkGoaway(envelope)
  }

  failed(fault: SessionFault): void {
    this.#fail(fault)
  }

  isOver(): boolean {
    return this.#phase !== 'opening'
  }

  ping(token: number): void {
    this.#writer.send({ kind: 'ping', token, received: this.#owner.resume?.told() }, 'own')
  }

  onlyTakes(): void {
    this.#deadline.peerIsThere()
  }

  lost(): void {
    this.#fail(new SessionFault('HEARTBEAT_TIMEOUT', 'the peer sent nothing and answered no ping'))
  }

  frameLate(bytes: number): void {
    const { frameTimeoutMs } = this.#options.limits
    const text = `a frame began over ${frameTimeoutMs} ms ago, and only ${bytes} bytes of it arrived`
    this.#fail(new SessionFault('FRAME_TIMEOUT', text))
  }

  /** The behaviour of such a channel is unknown: it is aborted, and nothing waits for it. */
  channelBroke(message: string, cause: unknown): void {
    this.#closed({ code: 'ABORTED', message, ...(cause === undefined ? {} : { cause }) })
    this.channel.abort()
  }

  channelRefused(): void {
    if (!this.#isOver) this.#ending.expectClose()
  }

  channelGone(): void {
    this.#closed(deadChannel)
  }

  get #ending(): ChannelEnding {
    const { environment, limits } = this.#options
    this.#madeEnding ??= new ChannelEnding(environment, limits, this.channel, this)
    return this.#madeEnding
  }

  get #isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  /** A channel that does not start may have another owner, so it must not be aborted here. */
  #startChannel(): void {
    try {
      this.channel.start(this)
    } catch (error) {
      this.#phase = 'closed'
      throw error
    }
  }

  #fail(fault: SessionFault): void {
    if (!this.#isOver) this.#owner.events.linkFailed(fault)
  }

  #stop(): void {
    this.#phase = 'ending'
    this.#handshake.stop()
    this.#heartbeat.stop()
    this.#deadline.stop()
    this.taker?.end()
    this.giver?.end()
  }

  #closed(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    this.#stop()
    this.#madeEnding?.cancel()
    this.#phase = 'closed'
    this.#owner.events.linkClosed(reason)
  }
}
