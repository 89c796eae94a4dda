export { onLateFailure } from './common/late-failure.ts'
export {
  defaultSessionLimits,
  headerBytesReserved,
  resolveSessionLimits,
  type SessionLimits,
} from './common/session-limits.ts'
export type {
  HelloInfo,
  IncomingCall,
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  Session,
  SessionCloseCode,
  SessionEnvironment,
  SessionEvent,
  SessionHandlers,
  SessionOptions,
  SessionTimer,
  WelcomeInfo,
} from './common/session-types.ts'
export { createSession } from './frame-session.ts'
