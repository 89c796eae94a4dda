export { createSession } from './create-session.ts'
export { onLateFailure } from './late-failure.ts'
export {
  defaultSessionLimits,
  headerBytesReserved,
  resolveSessionLimits,
  type SessionLimits,
} from './session-limits.ts'
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
} from './session-types.ts'
