export {
  type CallFunction,
  type CallOptions,
  type CallPromise,
  type CallStream,
  type ClientCall,
  type ClientProcedures,
  type InterceptedCall,
  type Interceptor,
  isErrorOf,
  type SafeResult,
  type StreamCallOptions,
  safe,
  type UploadCallOptions,
  type UploadFunction,
  type UploadProgress,
  type UploadSource,
  type UploadStream,
} from '@frameport/protocol/calling'
export {
  type CallEnd,
  type CallObserver,
  type ErasedErrorConstructors,
  type ErasedHandler,
  type ErasedMiddleware,
  type ErrorConstructors,
  type FailureDetails,
  type HandlerBinding,
  type HandlerHost,
  type HandlerResult,
  type ItemsSource,
  type MiddlewareNext,
  type MiddlewareResult,
  runHandler,
  type ServedCallFacts,
  type Upload,
  type UploadArgs,
} from '@frameport/protocol/serving'
export type { AcceptedFrom, Acceptor, AcceptorEvents, AcceptorListener } from './acceptor.ts'
export type * from './connection-types.ts'
export { createServer } from './create-server.ts'
export type {
  CallToClientMessage,
  ServerCallMessage,
  ServerConnectionMessage,
  SlowSubscriberMessage,
} from './diagnostics-types.ts'
export { type ServerErrorCode, serverErrorCodes } from './error-codes.ts'
export type * from './event-bus.ts'
export type { LogStart } from './event-log/log-tail.ts'
export { memoryEventLog } from './event-log/memory-event-log.ts'
export {
  type MemoryEventLogOptions,
  type MemoryLogLimits,
  memoryLogLimits,
} from './event-log/memory-log-limits.ts'
export {
  type History,
  type HistoryEvent,
  type HistoryPage,
  readHistory,
} from './event-log/read-history.ts'
export type {
  EnvelopeBody,
  EventHistory,
  EventLog,
  EventLogOption,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogEntry,
  LogFollower,
  LogFollowing,
  LoggedTopic,
  LogPlace,
  LogPosition,
  LogQuery,
  LogReading,
} from './event-log.ts'
export { memoryEventBus } from './events/memory-event-bus.ts'
export { type FollowedLog, type FollowLogOptions, followLog } from './follow-log.ts'
export type * from './handlers/handler-types.ts'
export { checkImplementation, implement } from './handlers/implement.ts'
export type * from './handlers/implementer-types.ts'
export { type ServerLimitOptions, type ServerLimits, serverLimits } from './limits.ts'
export type { Logger, LogLine } from './logger.ts'
export { serverChannels } from './node-diagnostics.ts'
export type * from './option-types.ts'
export { ServerError } from './server-error.ts'
export type * from './server-listener.ts'
export type * from './server-types.ts'
export { addressShare } from './shares/address-share.ts'
export type { ConnectionStats, EventCounters, ListenerStats, ServerStats, ServerTotals } from './stats.ts'
export type { TlsListenOptions, TlsServerListener } from './tls-options.ts'
