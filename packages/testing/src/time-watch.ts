import { limits } from './limits.ts'

/*
 * A test that awaits something in virtual time without moving it ends with the timeout of its runner, and without a
 * reason. The watch uses real time to report this.
 */

/** A clock on which something waits. */
export interface WatchedClock {
  /** Called when no clock was used for {@link limits} `forgottenAfterMs`, and this one was used last. */
  forgotten(): void
}

/**
 * Taken from the platform when the module loads. It does not keep the process alive, and test runners do not fake it,
 * unlike `setTimeout`. On a platform without it, nothing is reported.
 */
const { AbortSignal: Signal } = globalThis as unknown as {
  readonly AbortSignal?: { timeout?(delayMs: number): TimeoutSignal }
}
const signalAfter = Signal?.timeout?.bind(Signal)

interface TimeoutSignal {
  addEventListener(name: 'abort', listener: () => void, options: { readonly once: true }): void
}

/** The number of clocks that are remembered, enough for one test. */
const clocksMax = 16

/** The clocks on which something waits, the most recently used one last: earlier ones may be left over from finished tests. */
const waiting = new Set<WatchedClock>()
/** Grows with each use of any clock. */
let uses = 0
/** The value at the last look, and whether it was the same at the look before. */
let sight = { uses, isOld: false }
/** Referenced here, so that it is not garbage-collected before it fires. */
let nextLook: TimeoutSignal | undefined

/** Called when a program has used the clock. `waits`: something waits for the clock, and this was not reported yet. */
export function clockUsed(clock: WatchedClock, waits: boolean): void {
  uses += 1
  waiting.delete(clock)
  if (!waits) return
  waiting.add(clock)
  const [first] = waiting
  if (first !== undefined && waiting.size > clocksMax) waiting.delete(first)
  lookLater()
}

function lookLater(): void {
  if (nextLook !== undefined || signalAfter === undefined) return
  nextLook = signalAfter(limits.forgottenAfterMs / 2)
  nextLook.addEventListener('abort', look, { once: true })
}

function look(): void {
  nextLook = undefined
  const forgotten = [...waiting].at(-1)
  if (forgotten === undefined) return
  // If the program itself was delayed, the clock looks unused, too, so the program gets the time until the next look.
  if (uses !== sight.uses || !sight.isOld) {
    sight = { uses, isOld: uses === sight.uses }
    lookLater()
    return
  }
  waiting.clear()
  forgotten.forgotten()
}
