import { FramingError, type Payload, type SendVerdict } from '@frameport/framing'
import type { SessionChannel } from '../common/session-channel.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { CurrentEnvelopes, type CurrentEnvelopesOptions } from './current-envelopes.ts'
import { KeptEnvelopes } from './kept-envelopes.ts'
import { lengthOf } from './payload-parts.ts'

/** Sending continues when the kept bytes have fallen to this part of the limit. */
const roomPart = 1 / 2

/**
 * Data that is sent again is in memory twice while the connection queues it. So it gets this part of `resumeBytes` at a
 * time.
 */
const resentPart = 1 / 8

/**
 * Many clients come back at once: if memory is short, each gets this part of its kept data, or one envelope, at a time.
 */
const resentTightPart = 1 / 16

/**
 * The number of times that a peer is asked on one connection how much it has handled. It allows a hundred pings at
 * once, and also acknowledges without being asked.
 */
const asksMax = 64

/** From this part of `resumeBytes` on, data waits if memory is short. The peer acknowledges after an eighth. */
const tightPart = 1 / 4

/** The limits of a session in one turn of the event loop. */
export interface ResendTurn {
  /** True if nothing more may be sent again before the next turn. */
  readonly isUsedUp: boolean
  /** Whether anything may be sent again; otherwise the session gets its turn later. */
  mayGoOn(): boolean
  /** An envelope of this many bytes was sent. */
  count(bytes: number): void
}

export interface ResumeChannelOptions extends CurrentEnvelopesOptions {
  readonly limits: SessionLimits
  /** Counts data that is sent again. */
  readonly turn: ResendTurn
  /** The longest envelope that the peer takes. */
  readonly sendBytesMax: number
  /** The memory that the session shares with others is nearly used up. */
  memoryIsTight(): boolean
  /**
   * Asks the peer how much it has handled, after the data sent so far; call {@link ResumeChannel.catchUp} when it
   * answers.
   */
  ask(): void
  /** Data waits from now on. */
  filled(): void
  /** Called when far more bytes are kept than the limit allows, although senders should have waited. */
  overfilled(keptBytes: number): void
}

/**
 * The channel of a session that outlives several connections: it keeps what it sends until the peer has acknowledged
 * it, and sends the rest again on the next connection, in the turns of its session. New data follows that. Without a
 * connection it only keeps data.
 *
 * The verdict is `full` from `resumeBytes` on, until the peer has acknowledged half of them. Data sent nevertheless is
 * kept: credit, cancels and failures must be sent, because acknowledgements may wait for them. They are bounded, too.
 */
export class ResumeChannel implements SessionChannel {
  readonly #options: ResumeChannelOptions
  readonly #kept = new KeptEnvelopes()
  readonly #resumeBytes: number
  readonly #tightBytes: number
  #link: SessionChannel | undefined
  #acknowledged = 0
  /** The number of all envelopes, and so the number of the next. */
  #count = 0
  /** The number of envelopes on the current or last link: earlier ones that the peer has, and those sent on it. */
  #sent = 0
  #waitsForAck = false
  /** The number of bytes that may be kept while data should wait. */
  #overfilledBytes = 0
  #isOver = false
  /** The number of bytes that the link may queue if memory is short. */
  #tightRoomBytes = 0
  /** The peer was asked after this many envelopes, and has not acknowledged them. */
  #askedBehind: number | undefined
  #asks = 0
  readonly #current: CurrentEnvelopes

  constructor(options: ResumeChannelOptions) {
    this.#options = options
    this.#resumeBytes = options.limits.resumeBytes
    this.#tightBytes = this.#resumeBytes * tightPart
    this.#current = new CurrentEnvelopes(options)
  }

  get queuedBytes(): number {
    return this.#link?.queuedBytes ?? 0
  }

  get bytesTaken(): number {
    return this.#link?.bytesTaken ?? 0
  }

  get waitsForAck(): boolean {
    return this.#waitsForAck || this.isBehind
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  /** True if data must still be sent again. */
  get isBehind(): boolean {
    return this.#sent < this.#count && this.#link !== undefined
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  /** The verdict is never `sent`: sent data is kept, and counts as queued. */
  send(payload: Payload, payloadBytes: number, isShared: boolean): SendVerdict {
    const link = this.#link
    if (this.#isOver) return link?.send(payload, payloadBytes, isShared) ?? 'closed'
    let isFull = false
    if (link !== undefined && this.#sent === this.#count) {
      // Data that cannot be sent is not kept. A link that accepts nothing more will soon report its end.
      isFull = link.send(payload, payloadBytes, isShared) === 'full'
      this.#sent += 1
    } else {
      isFull = link !== undefined
      if (payloadBytes > this.#options.sendBytesMax) throw tooLong(payloadBytes, this.#options.sendBytesMax)
    }
    this.#current.sent(payload, this.#count)
    this.#kept.keep(payload, payloadBytes, isShared)
    this.#count += 1
    if (this.#waitsForAck || this.#kept.bytes > this.#tightBytes) this.#look()
    return isFull || this.#waitsForAck ? 'full' : 'queued'
  }

  /**
   * The peer has handled this many envelopes.
   *
   * @returns whether there is room again after there was none
   * @throws SessionFault for an impossible number
   */
  acknowledged(received: number): boolean {
    this.check(received)
    if (this.#askedBehind !== undefined && received >= this.#askedBehind) this.#askedBehind = undefined
    const count = received - this.#acknowledged
    if (count === 0) return false
    const hadNone = this.waitsForAck
    this.#kept.forget(count)
    this.#acknowledged = received
    this.#current.forget(received)
    if (this.#kept.bytes <= this.#resumeBytes * roomPart) this.#waitsForAck = false
    return hadNone && !this.waitsForAck
  }

  /** @throws SessionFault for an impossible number */
  check(received: number): void {
    if (received < this.#acknowledged)
      throw violation(`an acknowledgement of ${received} envelopes after one of ${this.#acknowledged}`)
    if (received > this.#sent)
      throw violation(`an acknowledgement of ${received} envelopes, but ${this.#sent} were sent`)
  }

  /** Sends envelopes on `link` from now on, first those to send again: see {@link catchUp}. */
  connect(link: SessionChannel): void {
    this.#link = link
    this.#sent = this.#acknowledged
    this.#kept.rewind()
    this.#tightRoomBytes = this.#kept.bytes * resentTightPart
    this.#askedBehind = undefined
    this.#asks = 0
  }

  /** Sends again as much as the turn and the link allow. @returns whether nothing is left, and the link has room */
  catchUp(): boolean {
    const { turn } = this.#options
    if (!this.isBehind) return true
    if (!turn.mayGoOn()) return false
    let verdict: SendVerdict | undefined
    while (this.isBehind && !turn.isUsedUp && verdict !== 'full' && verdict !== 'closed') {
      if (!this.#hasRoom()) {
        this.#ask()
        return false
      }
      const payload = this.#current.of(this.#kept.next() as Payload, this.#sent)
      const bytes = lengthOf(payload)
      verdict = this.#link?.send(payload, bytes, false)
      this.#sent += 1
      turn.count(bytes)
    }
    return !this.isBehind && verdict !== 'full'
  }

  /** There is no link: envelopes wait for the next one. */
  disconnect(): void {
    this.#link = undefined
  }

  /** The session is over: the remaining data goes to this link, or is lost. */
  end(): void {
    this.#isOver = true
    this.#waitsForAck = false
    this.#count = this.#acknowledged
    this.#sent = this.#acknowledged
    this.#kept.clear()
    this.#current.clear()
  }

  #hasRoom(): boolean {
    const roomBytes = this.#options.memoryIsTight() ? this.#tightRoomBytes : this.#resumeBytes * resentPart
    return this.queuedBytes <= roomBytes
  }

  /**
   * A channel does not report how full its queue is. A peer that has handled the last envelope has received all of
   * them.
   */
  #ask(): void {
    if (this.#askedBehind !== undefined || this.#asks === asksMax) return
    this.#askedBehind = this.#sent
    this.#asks += 1
    this.#options.ask()
  }

  #look(): void {
    const { filled, overfilled, memoryIsTight } = this.#options
    const { bytes } = this.#kept
    if (!this.#waitsForAck) {
      if (bytes <= this.#resumeBytes && !memoryIsTight()) return
      this.#waitsForAck = true
      // One envelope may be longer than all that may be kept.
      this.#overfilledBytes = bytes + this.#resumeBytes
      filled()
    } else if (bytes > this.#overfilledBytes) overfilled(bytes)
  }
}

function tooLong(bytes: number, frameBytesMax: number): FramingError {
  return new FramingError(
    'FRAME_TOO_LONG',
    `A frame of ${bytes} bytes cannot be sent: the peer accepts ${frameBytesMax}.`,
    {
      announcedBytes: bytes,
      frameBytesMax,
    },
  )
}
