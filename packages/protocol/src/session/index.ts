export { Allowance, type AllowanceSize } from './common/allowance.ts'
export type {
  IncomingCall,
  IncomingSubscription,
  IncomingUpload,
  IncomingUploadEvents,
  OutgoingCall,
  OutgoingCallEvents,
  OutgoingCallOptions,
  OutgoingSubscription,
  OutgoingUpload,
} from './common/call-types.ts'
export type { SessionCloseCode } from './common/close-reason.ts'
export type {
  AskClient,
  ChallengeOptions,
  CredentialsAccepted,
  CredentialsInfo,
} from './common/credentials.ts'
export type { EmitVerdict, EventEncoding, EventLedger } from './common/event-types.ts'
export { InTurns, type InTurnsOptions } from './common/in-turns.ts'
export type { OpenedLink } from './common/opened-link.ts'
export type { HelloInfo, PeerInfo } from './common/peer-info.ts'
export type { SessionEnvironment, SessionIds, SessionTimer } from './common/session-environment.ts'
export { createSessionHost, type SessionHost, type SessionHostOptions } from './common/session-host.ts'
export {
  type ConnectionLimits,
  defaultConnectionLimits,
  defaultResumeLimits,
  defaultSessionLimits,
  type ResumeLimits,
  resolveSessionLimits,
  type SessionLimits,
} from './common/session-limits.ts'
export type {
  DroppedEvent,
  DroppedOneway,
  EventGap,
  Goaway,
  HelloAccepted,
  SessionEvent,
} from './common/session-messages.ts'
export type { SessionShare } from './common/session-share.ts'
export type { SessionMemory, SessionStats, SessionTotals } from './common/session-stats.ts'
export type {
  ChannelOptions,
  ClientSessionOptions,
  Session,
  SessionHandlers,
  SessionOptions,
} from './common/session-types.ts'
export { startPeerTimer } from './common/timers.ts'
export { type EncodableEvent, encodeEvent } from './events/event-encoding.ts'
export { createClientSession, createSession } from './frame-session.ts'
