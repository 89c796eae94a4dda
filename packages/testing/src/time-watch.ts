import { limits } from './limits.ts'

/*
 * A test that awaits what waits for virtual time, and moves no time, ends with the timeout of its runner and without a
 * reason. The watch looks at real time, so that somebody says it.
 */

/** A clock with something that waits for it. */
export interface WatchedClock {
  /** Nobody has used any clock for {@link limits} `forgottenAfterMs`, and this one last. */
  forgotten(): void
}

/**
 * Of the platform, taken when the module loads. It keeps no process alive, and test runners fake `setTimeout` but not
 * this. Where a platform does not have it, nothing is said.
 */
const { AbortSignal: Signal } = globalThis as unknown as {
  readonly AbortSignal?: { timeout?(delayMs: number): TimeoutSignal }
}
const signalAfter = Signal?.timeout?.bind(Signal)

interface TimeoutSignal {
  addEventListener(name: 'abort', listener: () => void, options: { readonly once: true }): void
}

/** As many clocks as one test may have. */
const clocksMax = 16

/** Those that something waits for, the one that was used last at the end: those before it may be left over from tests that are over. */
const waiting = new Set<WatchedClock>()
/** Grows with each use of any clock. */
let uses = 0
/** What was seen at the last look, and whether it was the same at the one before. */
let sight = { uses, isOld: false }
/** Held, so that it is not collected before it fires. */
let nextLook: TimeoutSignal | undefined

/** A program has done something with the clock. `waits`: something waits for it, and it was not forgotten yet. */
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
  // A look that a busy program delayed sees nothing new either: what it was busy with gets the time until the next one.
  if (uses !== sight.uses || !sight.isOld) {
    sight = { uses, isOld: uses === sight.uses }
    lookLater()
    return
  }
  waiting.clear()
  forgotten.forgotten()
}
