import type { RpcError } from '@frameport/protocol'
import { errorForPeer, type ParseResult } from '@frameport/protocol/contract'
import type { IncomingCall } from '@frameport/protocol/session'
import type { Route } from '../handlers/router.ts'
import { asOutput, checkedOutput } from '../outputs/checked-output.ts'
import { ServerError } from '../server-error.ts'
import type { ServerConnection } from '../server-types.ts'
import type { Share } from '../shares/share.ts'
import { failureToSend, isDefect, reasonOf } from './call-failure.ts'

/** Where a call comes from. */
export interface CallSource {
  readonly connection: ServerConnection
  readonly context: unknown
  readonly share: Share
}

/**
 * Fails a call with what its handler threw. The data of a failure that its procedure declares are an output like any
 * other: checked, and without what their schema leaves out.
 */
export function failCall(
  { validateOutputs }: { readonly validateOutputs: boolean },
  call: IncomingCall,
  source: CallSource,
  route: Route,
  error: unknown,
): void {
  const { procedure } = route.entry
  const { errors } = procedure
  const failure = failureToSend(error, procedure, referenceOf(call, source))
  const { code, data } = failure
  const schema = validateOutputs && Object.hasOwn(errors, code) ? errors[code] : undefined
  if (schema === undefined) {
    tell(call, source, route, failure, error)
    return
  }
  const conclude = (result: ParseResult<unknown>) => {
    if (result.ok) tell(call, source, route, withData(failure, result.value), error)
    else {
      const defect = new ServerError('INVALID_OUTPUT', result.error.message, { cause: result.error })
      failCall({ validateOutputs: false }, call, source, route, defect)
    }
  }
  const checked = checkedOutput(
    schema,
    data,
    asOutput(`the data of failure ${code} of ${route.entry.fullName}`),
  )
  if ('then' in checked) void checked.then(conclude)
  else conclude(checked)
}

/** The failure in place of an answer that cannot be sent, after it was logged. */
export function unsent(call: IncomingCall, source: CallSource, { entry }: Route, error: RpcError): RpcError {
  const { log } = source.share
  const reason = reasonOf(error)
  const failure = failureToSend(reason, entry.procedure, referenceOf(call, source))
  const facts = { ...callFacts(call, source), code: failure.code, err: reason }
  if (isDefect(failure)) log.error(facts, 'an answer cannot be sent')
  else log.debug(facts, 'an answer cannot be sent')
  return failure
}

export function callFacts(call: IncomingCall, { connection }: CallSource): Record<string, unknown> {
  return { connection: connection.id, call: call.id, procedure: call.procedure }
}

function tell(call: IncomingCall, source: CallSource, route: Route, failure: RpcError, error: unknown): void {
  const { log } = source.share
  const facts = { ...callFacts(call, source), code: failure.code, err: error }
  if (call.signal.aborted) log.debug(facts, 'a call failed after its client had given it up')
  else if (isDefect(failure)) log.error(facts, 'a handler failed')
  else log.debug(facts, 'a call failed')
  call.fail(failure, (unsendable) => unsent(call, source, route, unsendable))
}

/** By which the client and the log name one call. */
function referenceOf(call: IncomingCall, { connection }: CallSource): string {
  return `${connection.id}/${call.id}`
}

function withData(failure: RpcError, data: unknown): RpcError {
  if (data === failure.data) return failure
  const { code, message, maybeExecuted, retryAfterMs, cause } = failure
  return errorForPeer(code, message, { data, maybeExecuted, retryAfterMs, cause })
}
