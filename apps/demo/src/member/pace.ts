import { limits } from '../limits.ts'
import { pause } from '../pause.ts'
import type { CallFailure } from './failures.ts'
import type { CallResult } from './patient-calls.ts'

/** Repeats a call that was too fast after the time that the server asked for. `slowed` is called once. */
export async function paced<Data>(
  call: () => Promise<CallResult<Data>>,
  slowed: () => void,
): Promise<CallResult<Data>> {
  for (let noticed = false; ; noticed = true) {
    const result = await call()
    if (result.ok || result.error.code !== 'TOO_FAST') return result
    if (!noticed) slowed()
    await pause(pauseMs(result.error))
  }
}

/**
 * Repeats a call that failed because the server could not reach its log or the other servers, for up to `retryMs`. A
 * repeated line is kept only once, because it has a number.
 *
 * @param waits called once, when the call has failed and is going to be made again
 */
export async function doneAtLast<Data>(
  call: () => Promise<CallResult<Data>>,
  waits: () => void = () => {},
  retryMs: number = limits.notKeptRetryMs,
): Promise<CallResult<Data>> {
  const untilMs = performance.now() + retryMs
  for (let waited = false; ; waited = true) {
    const result = await call()
    if (result.ok || !isPassing(result.error) || performance.now() > untilMs) return result
    if (!waited) waits()
    await pause(limits.enterAgainMs)
  }
}

function isPassing({ code }: CallFailure): boolean {
  return code === 'NOT_KEPT' || code === 'SERVERS_APART'
}

export const slowedSentence = `The server accepts ${limits.floodPerSecond} lines a second. The chat slows down to this rate.`

/** The pause that the server asked for, within limits, because the server is not trusted. */
function pauseMs({ data }: CallFailure): number {
  const { retryAfterMs } = (data ?? {}) as { readonly retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' ? Math.min(Math.max(retryAfterMs, 10), 1_000) : 1_000
}
