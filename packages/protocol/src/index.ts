export type { CalledProcedure } from './contract/called-procedure.ts'
export { type Contract, type ContractDefinition, contract } from './contract/contract.ts'
export {
  type ContractEvent,
  type EventDefinition,
  event,
  type PayloadOf,
  type PayloadSentOf,
  type TopicOf,
} from './contract/event.ts'
export type { ErrorData, Failure, FailureOf } from './contract/failures.ts'
export { compareFingerprints, type FingerprintPart } from './contract/fingerprint.ts'
export type { JsonSchemaConverter } from './contract/json-schema.ts'
export { issuesOf, type ValidationIssue } from './contract/parse-with.ts'
export {
  type InputOf,
  type ItemOf,
  type OutputOf,
  type Procedure,
  type ProcedureDefinition,
  type ProcedureGroup,
  procedure,
} from './contract/procedure.ts'
export { type BytesSchema, bytes, type ReceivedType, type Schema, type SentType } from './contract/schema.ts'
export type { Metadata } from './envelope/envelope-parts.ts'
export type { SlowPolicy } from './envelope/slow-policy.ts'
export { type ProtocolErrorCode, protocolErrorCodes } from './error-codes.ts'
export { ProtocolError } from './protocol-error.ts'
export { RpcError, type RpcErrorOptions, type StandardRpcCode } from './rpc-error.ts'
export type { SessionCloseReason } from './session/common/close-reason.ts'
export { isStandardCode } from './standard-codes.ts'
