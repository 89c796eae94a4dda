import { describeValue, functionList, readOnce, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from './check-options.ts'
import type { ClientCallOptions } from './option-types.ts'

const names: readonly (keyof ClientCallOptions)[] = ['interceptors', 'defaultDeadlineMs', 'inheritDeadline']

/**
 * Checks the option `clientCalls`, and reads each member once.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkedClientCalls(given: ClientCallOptions): ClientCallOptions {
  refuse(unknownName('clientCalls', given, names))
  const options = readOnce(given, names)
  const { defaultDeadlineMs: deadlineMs, inheritDeadline, interceptors } = options
  if (deadlineMs !== undefined && !(typeof deadlineMs === 'number' && deadlineMs > 0)) {
    // Thrown here: with one more frame, the stack would not reach the caller.
    throw refusal(
      `clientCalls.defaultDeadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds over 0 (Infinity means no deadline)`,
    )
  }
  refuse(wrongKind('clientCalls.inheritDeadline', inheritDeadline, 'boolean'))
  return { ...options, interceptors: functionList('clientCalls.interceptors', interceptors, refusal) }
}
