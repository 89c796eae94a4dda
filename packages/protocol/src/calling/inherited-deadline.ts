import { describeValue } from '../checks/check-value.ts'
import type { HandledCalls } from '../contract/handled-calls.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { notMade } from './check-call.ts'

/**
 * Returns the deadline of a call that may be made in a handler: the earlier one of its own deadline and the remaining
 * time of the handler.
 *
 * @param handled absent if nothing is inherited
 * @param inherits the option of the call itself
 * @throws RpcError DEADLINE_EXCEEDED if no time is left, INVALID_ARGUMENT
 */
export function inheritedDeadline(
  handled: HandledCalls | undefined,
  inherits: boolean | undefined,
  deadlineMs: number | undefined,
): number | undefined {
  if (inherits !== undefined && typeof inherits !== 'boolean')
    throw notMade(`inheritDeadline is ${describeValue(inherits)}, not true or false`)
  const call = inherits === false ? undefined : handled?.getStore()
  if (call === undefined) return deadlineMs
  const leftMs = call.leftMs()
  if (leftMs <= 0) {
    const text = `the call was not made: the deadline of ${call.procedure}, whose handler makes it, has passed`
    throw errorWithoutStack('DEADLINE_EXCEEDED', text)
  }
  return deadlineMs === undefined ? leftMs : Math.min(deadlineMs, leftMs)
}
