import { FramingError, type Payload, type SendVerdict } from '@frameport/framing'
import type { SessionChannel } from '../common/session-channel.ts'
import { violation } from '../common/session-fault.ts'
import type { SessionLimits } from '../common/session-limits.ts'
import { CurrentEnvelopes, type CurrentEnvelopesOptions } from './current-envelopes.ts'
import { KeptEnvelopes } from './kept-envelopes.ts'
import { lengthOf } from './payload-parts.ts'

/** What waited for acknowledgements goes on when they have fallen to this part of the limit. */
const roomPart = 1 / 2

/** What is sent again stands in memory twice while the connection has it in its queue. So it gets this part of `resumeBytes` at a time. */
const resentPart = 1 / 8

/** Many clients come back at once: where memory is short each gets this part of what is kept for it, or one envelope, at a time. */
const resentTightPart = 1 / 16

/**
 * So often is a peer asked on one connection for what it has handled. It allows a hundred pings at once, and acknowledges by
 * itself what it is not asked for.
 */
const asksMax = 64

/** From this part of `resumeBytes` on what is sent waits where memory is short. It leaves the peer an eighth to acknowledge. */
const tightPart = 1 / 4

/** What a session may do in one turn of the event loop. */
export interface ResendTurn {
  /** Nothing more may be sent again before the next one. */
  readonly isUsedUp: boolean
  /** Whether any may be; else the session gets its turn later. */
  mayGoOn(): boolean
  /** An envelope of this many bytes was sent. */
  count(bytes: number): void
}

export interface ResumeChannelOptions extends CurrentEnvelopesOptions {
  readonly limits: SessionLimits
  /** What is sent again is counted with it. */
  readonly turn: ResendTurn
  /** The longest envelope that the peer takes. */
  readonly sendBytesMax: number
  /** The memory that the session shares with others is nearly used up. */
  memoryIsTight(): boolean
  /** The peer is to say what it has handled, behind what was sent: {@link ResumeChannel.catchUp} is to be tried again then. */
  ask(): void
  /** What is sent waits from now on. */
  filled(): void
  /** So many bytes were kept, although they should have waited, that there is no end to it. */
  overfilled(keptBytes: number): void
}

/**
 * The channel of a session that lives through several connections: it keeps what it sends until the peer has acknowledged
 * it, and sends the rest again on the next connection, in the turns of its session. What is sent meanwhile stands behind
 * that. Without a connection it only keeps.
 *
 * What is sent is `full` from `resumeBytes` on, until the peer has acknowledged half of them. What is sent all the same is
 * kept: credit, cancels and failures must go out, because the acknowledgements may wait for them. Those are bounded, too.
 */
export class ResumeChannel implements SessionChannel {
  readonly #options: ResumeChannelOptions
  readonly #kept = new KeptEnvelopes()
  readonly #resumeBytes: number
  readonly #tightBytes: number
  #link: SessionChannel | undefined
  #acknowledged = 0
  /** How many there were in all: the number of the next. */
  #count = 0
  /** How many the link has, or the last one had: those of before it that the peer has, and what went out on it. */
  #sent = 0
  #waitsForAck = false
  /** What may be kept while what is sent should wait. */
  #overfilledBytes = 0
  #isOver = false
  /** What the link may have in its queue where memory is short. */
  #tightRoomBytes = 0
  /** The peer was asked behind so many, and has not acknowledged them. */
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

  /** Not all has been sent again that has to be. */
  get isBehind(): boolean {
    return this.#sent < this.#count && this.#link !== undefined
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  /** Nothing is ever `sent` and done with: what went out is kept, and its bytes count as if they were queued. */
  send(payload: Payload, payloadBytes: number, isShared: boolean): SendVerdict {
    const link = this.#link
    if (this.#isOver) return link?.send(payload, payloadBytes, isShared) ?? 'closed'
    let isFull = false
    if (link !== undefined && this.#sent === this.#count) {
      // Nothing is kept of what cannot be sent. A link that takes nothing any more is about to say so.
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
   * @throws SessionFault for a number that cannot be
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

  /** @throws SessionFault for a number that cannot be */
  check(received: number): void {
    if (received < this.#acknowledged)
      throw violation(`an acknowledgement of ${received} envelopes after one of ${this.#acknowledged}`)
    if (received > this.#sent)
      throw violation(`an acknowledgement of ${received} envelopes, but ${this.#sent} were sent`)
  }

  /** From here on envelopes go out on `link`, those first that have to be sent again: see {@link catchUp}. */
  connect(link: SessionChannel): void {
    this.#link = link
    this.#sent = this.#acknowledged
    this.#kept.rewind()
    this.#tightRoomBytes = this.#kept.bytes * resentTightPart
    this.#askedBehind = undefined
    this.#asks = 0
  }

  /** Sends again what the turn and the link have room for. @returns whether nothing is left, and the link has room */
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

  /** There is no link: what is sent waits for the next. */
  disconnect(): void {
    this.#link = undefined
  }

  /** The session is over: what is still sent has this link, or none. */
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

  /** No connection tells how far its queue has fallen. Who has handled the last of it has taken all of it. */
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
