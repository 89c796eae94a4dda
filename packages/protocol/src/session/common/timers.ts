import type { SessionEnvironment, SessionTimer } from './session-environment.ts'
import { nextTurn } from './turns.ts'

/** Like `environment.setTimer`, but never early. */
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

/**
 * A timer that is late by this much shows that the process was busy or suspended: input that arrived meanwhile is read
 * after the timer.
 */
export const heldUpMs = 100

/**
 * The time that a busy process has to read it. A timer that is later than that shows that the process was suspended,
 * not busy.
 */
export const catchUpMs = 1_000

/** The extra time after a limit for bytes that wait in the kernel: one more turn of the loop. */
export const lastLookMs = 1

/** Timers in a running process are late by this much. */
const lateMs = 1

/**
 * Starts a timer, as `environment.setTimer` does, for a limit on what the peer does. If this process was held up, the
 * peer's bytes that arrived meanwhile have up to a second to be read, and to cancel the timer, before the limit
 * applies. That happens once, so that the limit still holds. If the timer is only a little late, they have one more
 * turn of the event loop.
 */
export function startPeerTimer(
  environment: SessionEnvironment,
  delayMs: number,
  callback: () => void,
): SessionTimer {
  const dueAtMs = environment.nowMs() + delayMs
  let isCancelled = false
  const over = () => {
    if (!isCancelled) callback()
  }
  let timer = environment.setTimer(delayMs, () => {
    const behindMs = environment.nowMs() - dueAtMs
    if (behindMs < lateMs) callback()
    else if (behindMs < heldUpMs) nextTurn(environment, over)
    else timer = environment.setTimer(Math.min(delayMs, catchUpMs), callback)
  })
  return {
    cancel() {
      isCancelled = true
      timer.cancel()
    },
  }
}
