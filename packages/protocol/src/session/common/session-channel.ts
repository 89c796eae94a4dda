import type { Payload, SendVerdict } from '@frameport/framing'

/**
 * The channel on which a session sends: that of its link, or one that outlives several connections. No method throws
 * for a broken channel: `send` then returns `closed`.
 */
export interface SessionChannel {
  /** Bytes that were sent and not yet taken by the layer below. */
  readonly queuedBytes: number
  /** Bytes that the layer below has taken so far: it grows while the peer reads. */
  readonly bytesTaken: number
  /**
   * True if data that the peer has not acknowledged fills the channel, possibly while it is sent again, even though the
   * peer reads.
   */
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
