import type { Payload, SendVerdict } from '@frameport/framing'
import { encodeEnvelope } from '../../envelope/encode-envelope.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import { type EnvelopeBody, type Metadata, noMetadata } from '../../envelope/envelope-parts.ts'
import { greaseKinds } from '../../envelope/kinds.ts'
import type { CallEnvelope, Credit, ItemEnvelope, ResultEnvelope } from '../../envelope/session-envelopes.ts'
import type { PeerSettings } from '../../envelope/settings.ts'
import { encodeShort, giveBack, shortBodyBytes, textBytesMax } from '../../envelope/short-envelope.ts'
import { encodeUtf8 } from '../../envelope/text.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionChannel } from '../common/session-channel.ts'
import type { SessionEnvironment } from '../common/session-environment.ts'
import { sendGrease } from './grease.ts'

/** Queued bytes count as memory of the session. */
export interface QueuedMemory {
  /** This many bytes were sent and are queued. */
  passed(bytes: number): void
}

/** The channel of a session without a link. */
const noChannel: SessionChannel = {
  queuedBytes: 0,
  bytesTaken: 0,
  waitsForAck: false,
  send: () => 'closed',
}

/** Shares the connection with all other data that is sent. */
export interface SharesConnection {
  /** Other data of this many bytes was sent. */
  sentBeside(bytes: number): void
}

/** Encodes and sends envelopes, and knows how much of them the peer has not read. */
export class EnvelopeWriter {
  #channel: SessionChannel = noChannel
  #peer: PeerSettings | undefined
  #blocked = false
  #answerBytes = 0
  /** Set while events wait. */
  #sharing: SharesConnection | undefined
  readonly #memory: QueuedMemory | undefined

  constructor(memory?: QueuedMemory) {
    this.#memory = memory
  }

  /** Sends envelopes on `channel` from now on. */
  attach(channel: SessionChannel): void {
    this.#channel = channel
    this.#blocked = false
    this.#answerBytes = 0
  }

  /** Another connection carries the channel. @param isFull data that was sent again has filled it */
  reconnected(isFull: boolean): void {
    this.#blocked = isFull || this.#channel.waitsForAck
    this.#answerBytes = 0
  }

  /** @param events informed about other data while they wait; undefined: no events wait */
  eventsWait(events: SharesConnection | undefined): void {
    this.#sharing = events
  }

  /** Sends nothing larger than the peer announced from now on. */
  setPeer(settings: PeerSettings): void {
    this.#peer = settings
  }

  /** The longest payload that the peer accepts; undefined before its announcement. */
  get peerFrameBytesMax(): number | undefined {
    return this.#peer?.frameBytesMax
  }

  /** The longest body that the peer accepts; undefined before its announcement. */
  get peerBodyBytesMax(): number | undefined {
    return this.#peer?.bodyBytesMax
  }

  /** The bytes of partial bodies that the peer accepts; undefined before it has announced them. */
  get peerPartialBytesMax(): number | undefined {
    return this.#peer?.bodiesPartialBytesMax
  }

  /** The credit with which an upload to the peer begins; none before the peer has announced it. */
  get uploadCredit(): Credit {
    return { items: this.#peer?.uploadItems ?? 0, bytes: this.#peer?.uploadBytes ?? 0 }
  }

  /** True from a `full` verdict until the next drain. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** True if data waits until the peer acknowledges earlier data. */
  get waitsForAck(): boolean {
    return this.#channel.waitsForAck
  }

  /** True if the peer does not read, and waiting is not due to its acknowledgements. */
  get isUnread(): boolean {
    return this.#blocked && !this.#channel.waitsForAck
  }

  /** The bytes that the layer below has taken from its queue so far: grows while the peer reads. */
  get bytesTaken(): number {
    return this.#channel.bytesTaken
  }

  get queuedBytes(): number {
    return this.#channel.queuedBytes
  }

  /**
   * Whether answers to the peer cause more than `bytes` of the queue. The length of the queue is read only if that is
   * possible, because every answer calls this.
   */
  hasAnswersOver(bytes: number): boolean {
    return this.#answerBytes > bytes && this.#answerBytesQueued > bytes
  }

  /** An upper bound. */
  get #answerBytesQueued(): number {
    return this.#answerBytes === 0 ? 0 : Math.min(this.#answerBytes, this.#channel.queuedBytes)
  }

  /** The connection has room again. */
  drained(): void {
    this.#blocked = this.#channel.waitsForAck
  }

  /**
   * @param purpose `answer` for an envelope that input of the peer caused
   * @throws ProtocolError INVALID_FIELD, FramingError FRAME_TOO_LONG; nothing was sent then
   */
  send(envelope: Envelope, purpose: 'answer' | 'own'): SendVerdict {
    const { header, body } = encodeEnvelope(envelope)
    const bytes = header.length + body.length
    const verdict = this.#put(body.length === 0 ? header : [header, body], bytes, purpose, false)
    this.#sharing?.sentBeside(bytes)
    return verdict
  }

  /**
   * Sends an envelope that was encoded before, and that others may send, too.
   *
   * @throws FramingError FRAME_TOO_LONG; nothing was sent then
   */
  sendPayload(payload: Uint8Array, purpose: 'answer' | 'own'): SendVerdict {
    return this.#put(payload, payload.length, purpose, true)
  }

  /**
   * Sends an envelope whose body is a short text, without a buffer of its own.
   *
   * @param envelope with `textBody`
   * @returns the length of the body; undefined, without sending, if the text may be too long for that or for the peer
   */
  sendText(
    envelope: CallEnvelope | ResultEnvelope | ItemEnvelope,
    text: string,
    purpose: 'answer' | 'own',
  ): number | 'closed' | undefined {
    const max = this.#peer?.bodyBytesMax
    if (max !== undefined && textBytesMax(text) > max) return undefined
    const payload = encodeShort(envelope, text)
    if (payload === undefined) return undefined
    try {
      if (this.#put(payload, payload.length, purpose, false) === 'closed') return 'closed'
    } finally {
      giveBack()
    }
    const bodyBytes = shortBodyBytes(payload)
    this.#sharing?.sentBeside(payload.length)
    return bodyBytes
  }

  #put(payload: Payload, bytes: number, purpose: 'answer' | 'own', isShared: boolean): SendVerdict {
    const answersBefore = this.#answerBytesQueued
    const verdict = this.#channel.send(payload, bytes, isShared)
    if (verdict === 'closed') return verdict
    this.#answerBytes = purpose === 'answer' ? answersBefore + bytes : answersBefore
    if (verdict === 'full') this.#blocked = true
    if (verdict !== 'sent') this.#memory?.passed(bytes)
    return verdict
  }

  /** See {@link sendGrease}. */
  grease(environment: SessionEnvironment): void {
    sendGrease(this.#channel, environment, greaseKinds.session)
  }

  /** The layer below sent an answer of this many bytes on the same channel. */
  countAnswer(bytes: number): void {
    this.#answerBytes = this.#answerBytesQueued + bytes
  }

  /** The bytes of an envelope before its body. @throws ProtocolError INVALID_FIELD */
  headerBytes(envelope: Envelope): number {
    return encodeEnvelope(envelope).header.length
  }

  /** @throws ProtocolError INVALID_FIELD for an envelope that cannot be sent */
  check(envelope: Envelope): void {
    encodeEnvelope(envelope)
  }

  /** @throws RpcError RESOURCE_EXHAUSTED if it exceeds the announced limit of the peer */
  checkBody(body: EnvelopeBody, what: string): void {
    const max = this.#peer?.bodyBytesMax
    if (max === undefined || body.bytes.length <= max) return
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `${what} has ${body.bytes.length} bytes, and the peer accepts ${max}: send less, or raise bodyBytesMax there`,
    )
  }

  /** @throws RpcError RESOURCE_EXHAUSTED if it exceeds the announced limit of the peer */
  checkMetadata(metadata: Metadata): void {
    const limits = this.#peer
    if (limits === undefined || metadata === noMetadata) return
    const entries = Object.entries(metadata)
    let bytes = 0
    for (const [key, value] of entries) bytes += encodeUtf8(key).length + encodeUtf8(value).length
    if (entries.length <= limits.metadataEntriesMax && bytes <= limits.metadataBytesMax) return
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `the metadata has ${entries.length} pairs of ${bytes} bytes, and the peer accepts ` +
        `${limits.metadataEntriesMax} of ${limits.metadataBytesMax}`,
    )
  }
}
