import type { InterceptedCall } from './interceptor.ts'

/**
 * A call to be made again, with the time that is left of its deadline: none is given anew.
 *
 * @param deadlineAtMs on the clock that shows `nowMs`
 */
export function withTimeLeft(
  call: InterceptedCall,
  deadlineAtMs: number | undefined,
  nowMs: number,
): InterceptedCall {
  return deadlineAtMs === undefined ? call : { ...call, deadlineMs: deadlineAtMs - nowMs }
}
