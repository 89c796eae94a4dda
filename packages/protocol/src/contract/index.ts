export type { CalledProcedure } from './called-procedure.ts'
export {
  type Contract,
  type ContractDefinition,
  checkContract,
  contract,
  isProcedure,
  type ProcedureEntry,
} from './contract.ts'
export { contractLimits } from './contract-limits.ts'
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
  ErrorData,
  Failure,
  FailureOf,
  OwnFailure,
} from './failure-types.ts'
export { parseFailure } from './failures.ts'
export {
  compareFingerprints,
  type FingerprintOptions,
  type FingerprintPart,
  fingerprintOf,
  type JsonSchemaConverter,
} from './fingerprint.ts'
export {
  bodyKindOf,
  issuesOf,
  type Parsed,
  type ParseOptions,
  type ParseResult,
  parseBody,
  parseWith,
  type ValidationData,
  type ValidationIssue,
} from './parse-with.ts'
export {
  type ErrorSchemas,
  type InputOf,
  type ItemOf,
  type NoErrors,
  type OutputOf,
  type Procedure,
  type ProcedureDefinition,
  type ProcedureGroup,
  type ProcedureMark,
  procedure,
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
export { isStandardCode } from './standard-codes.ts'
export { toBody } from './to-body.ts'
export { topicKey } from './topic.ts'
