import { describeValue } from '../checks/check-value.ts'
import type { ParseResult } from '../contract/parse-with.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'
import { failureToSend, isDefect, isOfOtherCall, undeclaredCode } from './call-failure.ts'
import type { ServingOptions } from './call-side.ts'
import { asOutput, checkedOutput, invalidOutput } from './checked-output.ts'
import type { Route } from './route.ts'
import type { ServedCall } from './served-call.ts'

/**
 * Fails a call with the error of its handler. The data of a declared failure are an output like any other: validated,
 * and without the members that their schema removes.
 */
export function failCall(
  serving: Pick<ServingOptions, 'validateOutputs'>,
  served: ServedCall,
  error: unknown,
): void {
  const { entry } = served.route
  const { procedure } = entry
  const { errors } = procedure
  const failure = failureToSend(error, procedure, served.side.whereReason(served.call))
  const { code, data } = failure
  const schema = serving.validateOutputs && Object.hasOwn(errors, code) ? errors[code] : undefined
  if (schema === undefined) {
    tell(served, failure, error)
    return
  }
  const conclude = (result: ParseResult<unknown>) => {
    if (result.ok) tell(served, withData(failure, result.value), error)
    // With INTERNAL, which has no data.
    else failCall(serving, served, invalidOutput(result.error))
  }
  const checked = checkedOutput(schema, data, asOutput(`the data of failure ${code} of ${entry.fullName}`))
  if ('then' in checked) void checked.then(conclude)
  else conclude(checked)
}

function tell(served: ServedCall, failure: RpcError, error: unknown): void {
  const { call } = served
  const { log } = served.side
  const facts = { ...served.facts, code: failure.code, err: error }
  if (call.isAborted) log.debug(facts, 'a call failed after its caller had given it up')
  else if (isDefect(failure)) log.error(facts, textOfDefect(served.route, error))
  else if (call.kind === 'one-way') log.warn(facts, 'a call without an answer failed')
  else if (isOfOtherCall(error))
    log.warn(facts, 'a call that a handler made failed, and the handler did not catch it')
  else log.debug(facts, 'a call failed')
  call.fail(failure, served)
  served.failed(failure)
}

/** An RpcError that the caller does not receive was probably meant for it. */
function textOfDefect({ entry }: Route, error: unknown): string {
  const code = undeclaredCode(error, entry.procedure)
  if (code === undefined) return 'a handler failed'
  return (
    `a handler failed: it threw an RpcError with the code ${describeValue(code)}, which ${entry.fullName} does not declare ` +
    '(declare it in `errors`, or use a standard code)'
  )
}

function withData(failure: RpcError, data: unknown): RpcError {
  if (data === failure.data) return failure
  const { code, message, maybeExecuted, retryAfterMs, cause } = failure
  return errorWithoutStack(code, message, { data, maybeExecuted, retryAfterMs, cause })
}
