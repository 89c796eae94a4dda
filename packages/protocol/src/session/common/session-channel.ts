import type { Payload, SendVerdict } from '@frameport/framing'

/**
 * What a session sends on: the channel of its link, or one that lives through several connections. No method throws for a channel that is broken: what is sent on one is `closed`.
 */
export interface SessionChannel {
  /** Bytes that were sent and not yet taken by the layer below. */
  readonly queuedBytes: number
  /** Bytes that the layer below has taken so far: it grows while the peer reads. */
  readonly bytesTaken: number
  /** It is full of what the peer has not acknowledged, which may go out again just now, and not because the peer does not read. */
  readonly waitsForAck: boolean
  /**
   * Sends one envelope.
   *
   * @param payloadBytes the length of all of `payload`
   * @param isShared `payload` is never written to, and others keep it, too
   * @throws FramingError `FRAME_TOO_LONG`; nothing was sent then
   */
  send(payload: Payload, payloadBytes: number, isShared: boolean): SendVerdict
}
