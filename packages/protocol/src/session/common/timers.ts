import type { SessionEnvironment, SessionTimer } from './session-environment.ts'

/** As `environment.setTimer`, and never early. */
export function startTimer(
  environment: SessionEnvironment,
  delayMs: number,
  callback: () => void,
): SessionTimer {
  const dueAtMs = environment.nowMs() + delayMs
  let timer = environment.setTimer(delayMs, elapsed)
  function elapsed(): void {
    const leftMs = dueAtMs - environment.nowMs()
    if (leftMs <= 0) callback()
    else timer = environment.setTimer(leftMs, elapsed)
  }
  return { cancel: () => timer.cancel() }
}
