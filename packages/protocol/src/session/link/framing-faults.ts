import type { FramingError, LikelyProtocol } from '@frameport/framing'
import { faultOf, SessionFault } from '../common/session-fault.ts'

/** The fault for bytes of the peer that are not frames, or are frames of another protocol. */

const strangers: Readonly<Record<LikelyProtocol, (side: string) => string>> = {
  http: (side) => `an HTTP ${side}`,
  http2: (side) => `an HTTP/2 ${side}`,
  tls: (side) => `a TLS ${side}`,
  ssh: (side) => `an SSH ${side}`,
  json: (side) => `a ${side} that writes JSON without a length in front`,
  text: (side) => `a ${side} that writes plain text`,
}

/** @param cause says what the peer probably speaks, where its first bytes show that */
export function notFrameport(role: 'client' | 'server', cause?: FramingError): SessionFault {
  const expected = role === 'server' ? 'a hello' : 'a welcome'
  const text = `the first bytes are not ${expected}: the peer speaks another protocol on this port`
  const { likelyProtocol } = cause ?? {}
  if (likelyProtocol === undefined) return new SessionFault('NOT_FRAMEPORT', text, cause)
  const stranger = strangers[likelyProtocol](role === 'server' ? 'client' : 'server')
  return new SessionFault('NOT_FRAMEPORT', `this looks like ${stranger}: ${text}`, cause)
}

/**
 * Returns the fault that ends a connection whose bytes are not valid frames.
 *
 * @param role of this side
 * @param sawFrame the peer has sent a valid frame, so it does not use another protocol
 */
export function faultOfFraming(
  role: 'client' | 'server',
  error: FramingError,
  sawFrame: boolean,
): SessionFault {
  if (error.code === 'TRUNCATED') return new SessionFault('TRUNCATED', error.message, error)
  if (error.code !== 'FRAME_TOO_LONG' && error.code !== 'CORRUPT_LENGTH') return faultOf(error)
  if (!sawFrame && error.likelyProtocol !== undefined) return notFrameport(role, error)
  return new SessionFault('FRAME_TOO_LONG', error.message, error)
}
