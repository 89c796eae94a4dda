import { checkSessionOptions } from './check-session-options.ts'
import type { Session, SessionOptions } from './session-types.ts'
import { StreamSession } from './stream-session.ts'

/**
 * One side of one connection over `options.stream`, which it starts. A client sends its hello at once; a server
 * waits for one.
 *
 * @throws ProtocolError INVALID_OPTION, INVALID_LIMITS, and INVALID_FIELD or INVALID_BODY for a hello that cannot be sent
 */
export function createSession(options: SessionOptions): Session {
  const session = new StreamSession(checkSessionOptions(options))
  session.start()
  return session
}
