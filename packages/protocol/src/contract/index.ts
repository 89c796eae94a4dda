export {
  type Contract,
  type ContractDefinition,
  contract,
  groupDepthMax,
  type ProcedureEntry,
} from './contract.ts'
export {
  type ContractEvent,
  type ContractEvents,
  type EventDefinition,
  type EventGroup,
  type EventMark,
  event,
  type PayloadOf,
  type PayloadSentOf,
  type TopicArguments,
  type TopicOf,
} from './event.ts'
export type {
  ContractError,
  ErrorConstructors,
  ErrorData,
  Failure,
  FailureOf,
  OwnFailure,
} from './failure-types.ts'
export {
  compareFingerprints,
  type FingerprintOptions,
  type FingerprintPart,
  fingerprintOf,
  type JsonSchemaConverter,
} from './fingerprint.ts'
export type * from './handler-types.ts'
export { implement } from './implement.ts'
export type * from './implementer-types.ts'
export { nameLengthMax } from './names.ts'
export {
  type ErrorSchemas,
  type InputOf,
  type ItemOf,
  type NoErrors,
  type OutputOf,
  type Procedure,
  type ProcedureGroup,
  type ProcedureMark,
  procedure,
  type StreamDefinition,
  type UnaryDefinition,
} from './procedure.ts'
export {
  type BytesSchema,
  bytes,
  isBytesSchema,
  isSchema,
  type ReceivedType,
  type Schema,
  type SentType,
} from './schema.ts'
