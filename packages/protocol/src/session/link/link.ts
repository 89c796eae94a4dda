import type { FrameChannel, FrameSink, FramingError } from '@frameport/framing'
import { emptyBody, encodeBody } from '../../envelope/codec.ts'
import { decodeEnvelope } from '../../envelope/decode-envelope.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import { greaseKinds, isLinkKind, withArticle } from '../../envelope/kinds.ts'
import type { CredentialsEnvelope, GoawayEnvelope, LinkEnvelope } from '../../envelope/link-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import { Allowance } from '../common/allowance.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { PeerInfo } from '../common/peer-info.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { deadChannel, faultOf, lostConnection, SessionFault, violation } from '../common/session-fault.ts'
import { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { sendGrease } from '../flow/grease.ts'
import type { GatedReceiver } from '../flow/receive-gate.ts'
import { ChannelEnding, type ChannelEndingEvents } from './channel-ending.ts'
import { FrameDeadline } from './frame-deadline.ts'
import { GuardedChannel, type GuardedChannelEvents } from './guarded-channel.ts'
import { Handshake, type HandshakeEvents, notFrameport } from './handshake.ts'
import { Heartbeat, type HeartbeatEvents } from './heartbeat.ts'
import type { LinkEvents, LinkOptions } from './link-types.ts'
import { type PauseReason, Reading } from './reading.ts'

/** `ending`: nothing is taken in any more, and the channel is being closed. */
type Phase = 'opening' | 'open' | 'ending' | 'closed'

/**
 * What belongs to one connection: the handshake at its begin, the heartbeat, the goaway at its end. It knows no calls:
 * envelopes about those go up as they came, and the session above sends them on {@link channel}. A link ends when its
 * connection does.
 */
export class Link
  implements
    FrameSink,
    GatedReceiver,
    HeartbeatEvents,
    HandshakeEvents,
    GuardedChannelEvents,
    ChannelEndingEvents
{
  readonly channel: GuardedChannel
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  readonly #writer = new EnvelopeWriter()
  readonly #handshake: Handshake
  readonly #heartbeat: Heartbeat
  /** Our own side sends one per silent interval. */
  readonly #pings: Allowance
  readonly #ending: ChannelEnding
  readonly #deadline: FrameDeadline
  readonly #reading: Reading
  #phase: Phase = 'opening'
  #helloTimer: SessionTimer | undefined
  #sawFrame = false
  /** Known before the link opens. */
  #peer: PeerInfo | undefined

  constructor(channel: FrameChannel, options: LinkOptions, events: LinkEvents) {
    const { environment, limits } = options
    this.#options = options
    this.#events = events
    this.channel = new GuardedChannel(channel, this)
    this.#writer.attach(this.channel)
    this.#handshake = new Handshake(options, this.#writer, this)
    this.#heartbeat = new Heartbeat(environment, limits, this.channel, this)
    this.#pings = new Allowance(environment, { burst: limits.pingsBurstMax, perSecond: 1 })
    this.#ending = new ChannelEnding(environment, limits, this.channel, this)
    this.#deadline = new FrameDeadline(environment, limits, this.channel, (bytes) => this.#frameLate(bytes))
    this.#reading = new Reading(this.channel, [this.#heartbeat, this.#deadline])
  }

  /** @throws what the channel throws when it is started, ProtocolError for a hello that cannot be sent */
  start(): void {
    const { role, limits, environment } = this.#options
    const firstFrameMax =
      role === 'server' ? Math.min(limits.helloBytesMax, limits.frameBytesMax) : limits.frameBytesMax
    this.channel.setReceiveBytesMax(firstFrameMax)
    this.channel.setSendBytesMax(limits.frameBytesMax)
    this.#startChannel()
    this.#helloTimer = environment.setTimer(limits.helloTimeoutMs, () =>
      this.#fail(new SessionFault('HELLO_TIMEOUT', `no handshake within ${limits.helloTimeoutMs} ms`)),
    )
    this.#handshake.begin()
  }

  sendGoaway(goaway: GoawayEnvelope): void {
    this.#writer.send(goaway, 'own')
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

  /** What is taken for bytes that arrived and were not delivered. */
  get heldMemoryBytes(): number {
    return Math.max(this.channel.heldBytes, this.channel.heldMemoryBytes)
  }

  /** No envelope comes until {@link resume}. Silence says nothing meanwhile. */
  pause(reason: PauseReason): void {
    this.#reading.pause(reason)
  }

  resume(reason: PauseReason): void {
    this.#reading.resume(reason)
  }

  drained(): Promise<void> {
    return this.channel.drained()
  }

  received(): void {
    try {
      const nowMs = this.#options.environment.nowMs()
      this.#heartbeat.heard(nowMs)
      this.#deadline.received(nowMs)
      this.#events.linkReceived()
    } catch (error) {
      this.#fail(faultOf(error))
    }
  }

  frame(payload: Uint8Array): void {
    if (this.#isOver) {
      this.#options.turn.count(payload.length)
      return
    }
    this.#deadline.frameCame()
    try {
      if (this.#phase === 'opening') this.#handshake.frame(payload)
      else if (isLinkKind(payload[0])) this.#ownFrame(payload)
      else this.#events.linkFrame(payload)
      this.#options.turn.count(payload.length)
    } catch (error) {
      this.#fail(faultOf(error))
    }
    this.#sawFrame = true
  }

  invalid(error: FramingError): void {
    this.#fail(this.#faultOfFraming(error))
    this.#options.turn.countEnd()
  }

  /** The peer has ended. */
  end(): void {
    if (!this.#isOver) this.#events.linkEnded()
    this.#options.turn.countEnd()
  }

  drain(): void {
    this.#events.linkDrained()
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
    this.#phase = 'open'
    this.#helloTimer?.cancel()
    const { environment, limits } = this.#options
    this.channel.setReceiveBytesMax(limits.frameBytesMax)
    try {
      this.#heartbeat.start()
      sendGrease(this.channel, environment, greaseKinds.link)
      this.#events.linkOpened(this.#peer!)
    } catch (error) {
      this.#fail(faultOf(error))
    }
  }

  refused(reason: SessionCloseReason, error?: RpcError): void {
    this.#events.linkRefused(reason, error)
  }

  goaway(envelope: GoawayEnvelope): void {
    this.#events.linkGoaway(envelope)
  }

  isOver(): boolean {
    return this.#phase !== 'opening'
  }

  ping(token: number): void {
    this.#writer.send({ kind: 'ping', token }, 'own')
  }

  lost(): void {
    this.#fail(new SessionFault('HEARTBEAT_TIMEOUT', 'the peer sent nothing and answered no ping'))
  }

  /** Nobody can tell what such a channel does: it is aborted, and not waited for. */
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

  get #isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'closed'
  }

  /** A channel that does not start may have another owner, whom an abort would rob. */
  #startChannel(): void {
    try {
      this.channel.start(this)
    } catch (error) {
      this.#phase = 'closed'
      throw error
    }
  }

  #ownFrame(payload: Uint8Array): void {
    const envelope = decodeEnvelope(payload, this.#options.limits)
    switch (envelope.kind) {
      case 'ping':
        this.#pong(envelope.token)
        break
      case 'goaway':
        this.#events.linkGoaway(envelope)
        break
      case 'challenge':
      case 'credentials':
        this.#credentials(envelope)
        break
      case 'pong':
      case 'ack':
      case 'verdict':
      case 'ignorable':
        break
      default:
        throw violation(`${withArticle(envelope.kind)} after the handshake`)
    }
  }

  /** New credentials on an open session are not taken yet: what the peer sends is answered, so that it can decide. */
  #credentials({ kind, id }: CredentialsEnvelope): void {
    if ((kind === 'challenge') !== (this.#options.role === 'client'))
      throw violation(
        `${withArticle(kind)} from the ${this.#options.role === 'client' ? 'server' : 'client'}`,
      )
    if (!this.#pings.take()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings and credentials')
    if (kind === 'challenge') {
      this.#answer({ kind: 'credentials', id, metadata: noMetadata, body: encodeBody(emptyBody) })
    } else {
      const refusal = { code: 'UNIMPLEMENTED', text: 'this server takes credentials in the hello only' }
      this.#answer({ kind: 'verdict', id, refusal })
    }
  }

  #pong(token: number): void {
    if (!this.#pings.take()) throw new SessionFault('LIMIT_EXCEEDED', 'too many pings')
    this.#answer({ kind: 'pong', token })
  }

  #answer(envelope: LinkEnvelope): void {
    const sentBefore = this.channel.bytesSent
    this.#writer.send(envelope, 'answer')
    this.#events.linkAnswered(this.channel.bytesSent - sentBefore)
  }

  #faultOfFraming(error: FramingError): SessionFault {
    if (error.code === 'TRUNCATED') return new SessionFault('TRUNCATED', error.message, error)
    if (error.code !== 'FRAME_TOO_LONG' && error.code !== 'CORRUPT_LENGTH') return faultOf(error)
    const stranger = !this.#sawFrame && error.likelyProtocol !== undefined
    if (stranger) return notFrameport(this.#options.role, error)
    return new SessionFault('FRAME_TOO_LONG', error.message, error)
  }

  #fail(fault: SessionFault): void {
    if (!this.#isOver) this.#events.linkFailed(fault)
  }

  #frameLate(bytes: number): void {
    const { frameTimeoutMs } = this.#options.limits
    const text = `a frame began over ${frameTimeoutMs} ms ago, and ${bytes} bytes of it have come`
    this.#fail(new SessionFault('FRAME_TIMEOUT', text))
  }

  #stop(): void {
    this.#phase = 'ending'
    this.#helloTimer?.cancel()
    this.#heartbeat.stop()
    this.#deadline.stop()
  }

  #closed(reason: SessionCloseReason): void {
    if (this.#phase === 'closed') return
    this.#stop()
    this.#ending.cancel()
    this.#phase = 'closed'
    this.#events.linkClosed(reason)
  }
}
