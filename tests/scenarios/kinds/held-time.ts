import type { SessionEnvironment } from '@frameport/protocol/session'

/** A clock that stands still until a test advances it, while bytes travel in real time. */
export interface HeldTime extends SessionEnvironment {
  /** Runs the timers that are due within this many milliseconds. */
  pass(ms: number): void
}

interface HeldTimer {
  readonly dueAtMs: number
  readonly callback: () => void
}

export function heldTime(): HeldTime {
  let nowMs = 0
  const timers = new Set<HeldTimer>()
  return {
    nowMs: () => nowMs,
    random: Math.random,
    nextTurn: (callback) => void setImmediate(callback),
    setTimer(delayMs, callback) {
      const timer = { dueAtMs: nowMs + delayMs, callback }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    pass(ms) {
      nowMs += ms
      for (const timer of [...timers].sort((a, b) => a.dueAtMs - b.dueAtMs)) {
        if (timer.dueAtMs > nowMs || !timers.delete(timer)) continue
        timer.callback()
      }
    },
  }
}
