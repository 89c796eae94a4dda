export { addressScheme, isOnOneMachine, transportFor } from './address-scheme.ts'
export {
  describeValue,
  missingMethods,
  shapes,
  type ValueKind,
  wrongChoice,
  wrongKind,
  wrongMetadata,
} from './check-value.ts'
export { type CloseOptions, checkedCloseOptions, type ServerCloseOptions } from './close-options.ts'
export { wrongConnection } from './connection.ts'
export { asyncDispose, dispose } from './disposal.ts'
export { functionList } from './function-list.ts'
export { isPlainObject } from './is-plain-object.ts'
export { isThenable } from './is-thenable.ts'
export { isDuration, timerMsMax } from './milliseconds.ts'
export { listOfNames, nameHint, nearestName, unknownName } from './nearest-name.ts'
export { type SideLimits, splitLimits } from './split-limits.ts'
export { stackFromHere, whereGivenAgain } from './stacks.ts'
export { asSentence, textOfThrown } from './thrown.ts'
export { checking, reading, readOnce } from './unreadable.ts'
