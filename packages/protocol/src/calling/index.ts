export {
  type CallFunctionsOptions,
  type CallWatch,
  callFunctions,
  type StartCall,
} from './call-functions.ts'
export type { CallServices } from './call-services.ts'
export type * from './call-types.ts'
export { CallsAgain } from './calls-again.ts'
export { CallsOfSignals } from './calls-of-signals.ts'
export { checkCall } from './check-call.ts'
export { checkedFailure } from './failure-of-call.ts'
export type { InterceptedCall, Interceptor } from './interceptor.ts'
export { isErrorOf } from './is-error-of.ts'
export { madeAgain } from './made-again.ts'
export { safe } from './safe.ts'
export { ToldFingerprints } from './told-fingerprints.ts'
export { type OutgoingCallMessage, watchedCalls } from './watched-calls.ts'
