import type { InterceptedCall } from './interceptor.ts'

/**
 * Returns the call to repeat, with the rest of its deadline.
 *
 * @param deadlineAtMs on the clock of `nowMs`
 */
export function withTimeLeft(
  call: InterceptedCall,
  deadlineAtMs: number | undefined,
  nowMs: number,
): InterceptedCall {
  return deadlineAtMs === undefined ? call : { ...call, deadlineMs: deadlineAtMs - nowMs }
}
