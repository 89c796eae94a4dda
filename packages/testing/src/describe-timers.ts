import { limits } from './limits.ts'

/** A timer of a virtual clock that has neither fired nor been cancelled. */
export interface LiveTimer {
  /** The due time, on the clock, in milliseconds. */
  readonly dueAtMs: number
  /** The time when it was set, on the clock, in milliseconds. */
  readonly setAtMs: number
  /** The name of its callback, or `anonymous`. */
  readonly name: string
}

/** The warning for a test that hangs. */
export function describeForgotten(timers: readonly LiveTimer[], turns: number): string {
  const waiting = [
    ...(timers.length === 0 ? [] : [counted(timers.length, 'timer')]),
    ...(turns === 0 ? [] : [counted(turns, 'nextTurn callback')]),
  ]
  return (
    `No code has used this virtual clock for ${limits.forgottenAfterMs} ms of real time, so its time does not move. ` +
    `Waiting for it: ${waiting.join(', ')}. ${timers.length === 0 ? '' : `${describeTimers(timers)} `}` +
    'If a test hangs here, it awaits one of them: write `await clock.until(promise)` instead of `await promise`, or move time with ' +
    '`clock.advance(ms)`. If the test is over, close everything that it opened, and check with assertQuiet(clock). Each clock reports this once.'
  )
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Describes live timers in one line, for messages. */
export function describeTimers(timers: readonly LiveTimer[]): string {
  const shown = timers
    .slice(0, 5)
    .map(
      ({ name, setAtMs, dueAtMs }) => `${name} at ${dueAtMs} ms (${dueAtMs - setAtMs} ms after it was set)`,
    )
  const more = timers.length > shown.length ? ` and ${timers.length - shown.length} more` : ''
  return `Timers: ${shown.join(', ')}${more}.`
}
