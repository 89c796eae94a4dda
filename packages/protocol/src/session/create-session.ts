import { checkSessionOptions } from './check-session-options.ts'
import type { Session, SessionOptions } from './common/session-types.ts'
import { FrameSession } from './frame-session.ts'

/**
 * One side of one conversation. It waits for the channel given to `attach`: a client sends its hello there at once, a
 * server waits for one. Calls can be made before that and wait, with their deadlines.
 *
 * @throws ProtocolError INVALID_OPTION, INVALID_LIMITS, and INVALID_FIELD or INVALID_BODY for a hello that cannot be sent
 */
export function createSession(options: SessionOptions): Session {
  return new FrameSession(checkSessionOptions(options))
}
