import type { Payload, SendVerdict } from '@frameport/framing'

/**
 * What a session sends on. Today it is the channel of its link; a channel that lives through several connections can
 * stand here as well. No method throws for a channel that is broken: what is sent on one is `closed`.
 */
export interface SessionChannel {
  /** Bytes that were sent and not yet taken by the layer below. */
  readonly queuedBytes: number
  /** Bytes that the layer below has taken so far: it grows while the peer reads. */
  readonly bytesTaken: number
  /**
   * Sends one envelope.
   *
   * @param payloadBytes the length of all of `payload`
   * @throws FramingError `FRAME_TOO_LONG`; nothing was sent then
   */
  send(payload: Payload, payloadBytes: number): SendVerdict
}
