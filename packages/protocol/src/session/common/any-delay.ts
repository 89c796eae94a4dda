import { timerMsMax } from '../../checks/milliseconds.ts'
import type { SessionEnvironment, SessionTimer } from './session-environment.ts'

/** One for all sessions of an environment. */
const made = new WeakMap<SessionEnvironment, SessionEnvironment>()

/**
 * Wraps an environment so that timers accept any delay: one that exceeds the platform's maximum is split, an infinite
 * one never fires, and an invalid or negative one is due now. All timers of a session use it.
 */
export function withAnyDelay(environment: SessionEnvironment): SessionEnvironment {
  const known = made.get(environment)
  if (known !== undefined) return known
  const withAny = anyDelayOf(environment)
  made.set(environment, withAny)
  return withAny
}

function anyDelayOf(environment: SessionEnvironment): SessionEnvironment {
  return {
    nowMs: () => environment.nowMs(),
    random: () => environment.random(),
    ...(environment.nextTurn === undefined
      ? {}
      : { nextTurn: (callback: () => void) => environment.nextTurn?.(callback) }),
    ...(environment.randomBytes === undefined
      ? {}
      : { randomBytes: (length: number) => environment.randomBytes?.(length) ?? new Uint8Array() }),
    get sessionIds() {
      return environment.sessionIds
    },
    setTimer(delayMs, callback) {
      if (delayMs === Number.POSITIVE_INFINITY) return { cancel() {} }
      return delayMs > timerMsMax
        ? longTimer(environment, delayMs, callback)
        : environment.setTimer(delayMs > 0 ? delayMs : 0, callback)
    },
  }
}

function longTimer(environment: SessionEnvironment, delayMs: number, callback: () => void): SessionTimer {
  let leftMs = delayMs
  const next = (): SessionTimer => {
    const partMs = Math.min(leftMs, timerMsMax)
    leftMs -= partMs
    return environment.setTimer(partMs, () => {
      if (leftMs > 0) timer = next()
      else callback()
    })
  }
  let timer = next()
  return { cancel: () => timer.cancel() }
}
