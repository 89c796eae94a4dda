export { probe } from './back-ends.ts'
export type * from './contract/backend-note.ts'
export {
  type BackendCause,
  type BackendNote,
  type BackendStep,
  backendChoices,
  backendNames,
} from './contract/backend-note.ts'
export type * from './contract/channel-messages.ts'
export type * from './contract/completion-port.ts'
export type * from './contract/connection.ts'
export { portChannels } from './core/port-channels.ts'
export { createCompletionPort } from './create-completion-port.ts'
export { toDuplex } from './duplex/to-duplex.ts'
export type * from './endpoint/endpoint.ts'
export { endpointUrl, parseEndpoint } from './endpoint/parse-endpoint.ts'
export { type IocpErrorCode, iocpErrorCodes } from './error-codes.ts'
export { IocpError } from './iocp-error.ts'
export { type Limit, type LimitName, limits } from './limits.ts'
export { type CallbackContext, currentContext, emptyContext } from './platform/callback-context.ts'
export { OperationChannels, type OperationMessage } from './platform/operation-channels.ts'
export { type RunningTimer, realEnvironment } from './platform/real-timers.ts'
