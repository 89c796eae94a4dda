export { errorWithoutStack } from '../error-without-stack.ts'
export { mayHaveRun } from '../may-have-run.ts'
export type { ProcedureEntry } from './bind-procedures.ts'
export { checkContract } from './check-contract.ts'
export { isProcedure } from './check-procedure.ts'
export { contractLimits } from './contract-limits.ts'
export {
  type ContractDescription,
  describedContract,
  describeProcedure,
  readDescription,
} from './description.ts'
export type {
  ContractEvents,
  EventGroup,
  EventMark,
  EventOptions,
  EventTypes,
  SubscriptionOrigin,
  TopicArguments,
} from './event.ts'
export type { ContractError, OwnFailure } from './failures.ts'
export { parseFailure } from './failures.ts'
export { type FingerprintOptions, fingerprintOf, kindOfFingerprint } from './fingerprint.ts'
export { type HandledCall, type HandledCalls, handledCalls, provideHandledCalls } from './handled-calls.ts'
export { callKindOf, hasItems, hasUpload, kindTexts } from './kind-of-call.ts'
export { type ContractOutlines, type Outline, outlinesOf } from './outline.ts'
export {
  bodyKindOf,
  type Parsed,
  type ParseOptions,
  type ParseResult,
  parseBody,
  parseWith,
  type ValidationData,
} from './parse-with.ts'
export type { ErrorSchemas, NoErrors, ProcedureMark, ProcedureTypes } from './procedure.ts'
export type { GiveAStandardSchema } from './schema.ts'
export { toBody } from './to-body.ts'
export { checkTopic, topicKey, topicOfText } from './topic.ts'
