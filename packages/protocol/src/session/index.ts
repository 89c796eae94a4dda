export type {
  IncomingCall,
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
} from './common/call-types.ts'
export type { SessionCloseCode } from './common/close-reason.ts'
export type { HelloInfo, PeerInfo } from './common/peer-info.ts'
export type { SessionEnvironment, SessionTimer } from './common/session-environment.ts'
export {
  defaultSessionLimits,
  resolveSessionLimits,
  type SessionLimits,
} from './common/session-limits.ts'
export type {
  DroppedEvent,
  Goaway,
  Session,
  SessionEvent,
  SessionHandlers,
  SessionOptions,
} from './common/session-types.ts'
export { createSession } from './frame-session.ts'
