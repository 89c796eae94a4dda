import { describeValue, missingMethods, shapes, wrongMetadata } from '../checks/check-value.ts'
import { unknownName } from '../checks/nearest-name.ts'
import { checking, reading, readOnce } from '../checks/unreadable.ts'
import type { CalledProcedure } from '../contract/called-procedure.ts'
import { hasUpload } from '../contract/kind-of-call.ts'
import type { CallKind } from '../envelope/call-kind.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { RpcError } from '../rpc-error.ts'
import type { StreamCallOptions, UploadCallOptions } from './call-types.ts'
import type { InterceptedCall } from './interceptor.ts'

/** The options of calls of all kinds. */
export type AnyCallOptions = StreamCallOptions & UploadCallOptions

type OptionNames = readonly (keyof AnyCallOptions)[]

const names: OptionNames = ['deadlineMs', 'inheritDeadline', 'signal', 'metadata']
const windowNames: OptionNames = ['windowItems', 'windowBytes']

const namesOfKinds: Readonly<Record<CallKind, OptionNames>> = {
  unary: names,
  'server-stream': [...names, ...windowNames],
  'client-stream': [...names, 'onProgress'],
  'both-ways': [...names, ...windowNames, 'onProgress'],
  'one-way': names,
}

/** The options of a call without any. They need no check. */
export const noOptions: AnyCallOptions = Object.freeze({})
export const noMetadata: Metadata = Object.freeze({})

/**
 * Returns the options of a call, each read once, or describes what is wrong with their names. Their values are checked
 * after the interceptors.
 *
 * @param called the procedure, which the error names
 * @param hasInput the options follow an input
 */
export function callOptions(
  options: AnyCallOptions,
  called: CalledProcedure,
  hasInput: boolean,
): AnyCallOptions | RpcError {
  const known = namesOfKinds[called.callKind]
  try {
    return checking(() => {
      const problem = unknownName('options', options, known)
      if (problem !== undefined) refuse(problem + likelyCause(options, called, hasInput))
      return readOnce(options, known)
    }, notMade)
  } catch (error) {
    const { message, cause } = error as RpcError
    // Created while the caller is in the stack.
    return new RpcError('INVALID_ARGUMENT', message, { procedure: called.fullName, cause })
  }
}

/** Explains why a call may have been given unknown options. */
function likelyCause(options: object, { fullName, callKind }: CalledProcedure, hasInput: boolean): string {
  if (callKind === 'unary' && unknownName('options', options, namesOfKinds['server-stream']) === undefined)
    return ` (windows are for streams, and ${fullName} answers once)`
  return hasInput ? '' : ` (${withoutInput(fullName, callKind)})`
}

function withoutInput(fullName: string, callKind: CallKind): string {
  const rest = hasUpload(callKind)
    ? 'it takes its upload and the options'
    : 'its only argument is the options'
  return `${fullName} takes no input: ${rest} of the call`
}

/**
 * The failure of a call with an argument after its options: usually an input that its procedure does not have. Nothing
 * would read it.
 */
export function tooManyArguments(
  args: readonly unknown[],
  { fullName, callKind }: CalledProcedure,
  hasInput: boolean,
): RpcError {
  const first = hasUpload(callKind) ? 'its input, its upload' : 'its input'
  const takes = hasInput
    ? `${fullName} takes ${first} and the options of the call`
    : withoutInput(fullName, callKind)
  const { message } = notMade(`${takes}, but ${args.length} arguments were given`)
  // Created while the caller is in the stack.
  return new RpcError('INVALID_ARGUMENT', message, { procedure: fullName })
}

/**
 * Checks a call, or the change that an interceptor made to it, before it starts.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function checkCall(call: InterceptedCall): void {
  if (!asksForNothing(call)) checking(() => checkParts(call), notMade)
}

/** Most calls have no options, so there is nothing to check. Unreadable options are left to the check. */
function asksForNothing(call: InterceptedCall): boolean {
  try {
    const { deadlineMs, signal, metadata, onProgress } = call
    return (
      deadlineMs === undefined && signal === undefined && metadata === noMetadata && onProgress === undefined
    )
  } catch {
    return false
  }
}

function checkParts(call: InterceptedCall): void {
  const { deadlineMs, signal, metadata, onProgress } = reading('the argument of next()', () => ({
    ...call,
  }))
  if (deadlineMs !== undefined && deadlineMs !== Number.POSITIVE_INFINITY && !Number.isFinite(deadlineMs)) {
    refuse(
      `deadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds (Infinity means no deadline)`,
    )
  }
  if (signal !== undefined) refuse(missingMethods('signal', signal, shapes.signal))
  if (metadata !== noMetadata) refuse(wrongMetadata(metadata))
  if (onProgress !== undefined && typeof onProgress !== 'function')
    refuse(`onProgress is ${describeValue(onProgress)}, not a function`)
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw notMade(problem)
}

/** The failure of a call with an impossible request. */
export function notMade(problem: string, options: { readonly cause?: unknown } = {}): RpcError {
  return errorWithoutStack('INVALID_ARGUMENT', `the call was not made: ${problem}`, options)
}
