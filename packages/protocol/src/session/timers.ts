import type { SessionEnvironment, SessionTimer } from './session-types.ts'

/** The longest delay that timers of common platforms take; longer ones fire at once there. */
const delayMsMax = 2 ** 31 - 1

/** As `environment.setTimer`, for any number of milliseconds, and never early. */
export function startTimer(
  environment: SessionEnvironment,
  delayMs: number,
  callback: () => void,
): SessionTimer {
  const dueAtMs = environment.nowMs() + delayMs
  let timer = environment.setTimer(Math.min(delayMs, delayMsMax), elapsed)
  function elapsed(): void {
    const leftMs = dueAtMs - environment.nowMs()
    if (leftMs <= 0) callback()
    else timer = environment.setTimer(Math.min(leftMs, delayMsMax), elapsed)
  }
  return { cancel: () => timer.cancel() }
}
