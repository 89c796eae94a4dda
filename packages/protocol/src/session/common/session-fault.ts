import { textOfThrown } from '../../checks/thrown.ts'
import { peerText } from '../../envelope/peer-text.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { SessionCloseCode, SessionCloseReason } from './close-reason.ts'

/** Thrown while an envelope is handled, when what the peer sent must end the session. Never leaves the session. */
export class SessionFault extends Error {
  readonly code: SessionCloseCode

  constructor(code: SessionCloseCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export function violation(message: string): SessionFault {
  return new SessionFault('PROTOCOL_VIOLATION', message)
}

const closeCodes: ReadonlySet<string> = new Set<SessionCloseCode>([
  'CLOSED',
  'CONNECTION_LOST',
  'HELLO_TIMEOUT',
  'HELLO_REFUSED',
  'VERSION_UNSUPPORTED',
  'NOT_FRAMEPORT',
  'FRAME_TOO_LONG',
  'FRAME_TIMEOUT',
  'TRUNCATED',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'PROTOCOL_VIOLATION',
  'LIMIT_EXCEEDED',
  'OVERLOADED',
  'REPLACED',
  'HEARTBEAT_TIMEOUT',
  'ABORTED',
])

/** Returns the close reason for a goaway of the peer with an error code. Its texts have no control characters. */
export function reasonOfGoaway(code: string, text: string): SessionCloseReason {
  const known = closeCodes.has(code)
  const shown = peerText(text)
  return {
    code: known ? (code as SessionCloseCode) : 'CONNECTION_LOST',
    message: `the peer closed the session with ${known ? code : JSON.stringify(peerText(code))}: ${shown}`,
    closedBy: 'peer',
  }
}

/** Converts any error that was thrown while input was handled to a fault. */
export function faultOf(error: unknown): SessionFault {
  if (isFault(error)) return error
  if (ProtocolError.is(error)) {
    const code = error.code === 'UNKNOWN_KIND' ? 'UNKNOWN_KIND' : 'MALFORMED_ENVELOPE'
    return new SessionFault(code, error.message, error)
  }
  return new SessionFault('ABORTED', 'an error of this side: see the cause', error)
}

function isFault(error: unknown): error is SessionFault {
  try {
    return error instanceof SessionFault
  } catch {
    return false // A revoked Proxy has no readable prototype.
  }
}

/**
 * The reason for a channel that broke or ended without a goaway.
 *
 * @param error the error of the channel: `false` from a socket means no error
 */
export function lostConnection(error?: unknown): SessionCloseReason {
  if (error === undefined || error === null || error === false) {
    return { code: 'CONNECTION_LOST', message: 'the peer ended without a goaway' }
  }
  return { code: 'CONNECTION_LOST', message: `the connection broke: ${textOfThrown(error)}`, cause: error }
}

/** The reason for a channel that accepts nothing more and does not close. */
export const deadChannel: SessionCloseReason = {
  code: 'CONNECTION_LOST',
  message: 'its channel stopped accepting data without closing',
}
