import { limits } from './limits.ts'

/*
 * A test that awaits what waits for virtual time, and moves no time, ends with the timeout of its runner and without a
 * reason. The watch looks at real time, so that somebody says it.
 */

/** A clock with something that waits for it. */
export interface WatchedClock {
  /** Changes whenever a program does anything with the clock. */
  readonly uses: number
  /** Somebody moves it right now. */
  readonly isMoving: boolean
  /** Nobody has done anything with it for {@link limits} `forgottenAfterMs`. Called once; the clock is not watched any more. */
  forgotten(): void
}

/** What was seen at a look, and whether it was the same at the one before. */
interface Sight {
  readonly uses: number
  readonly isOld: boolean
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

const watched = new Map<WatchedClock, Sight>()
/** Held, so that it is not collected before it fires. */
let nextLook: TimeoutSignal | undefined

/** From now on. Idempotent. */
export function watchTime(clock: WatchedClock): void {
  watched.set(clock, { uses: clock.uses, isOld: false })
  lookLater()
}

/** Nothing waits for it any more. Idempotent. */
export function leaveTime(clock: WatchedClock): void {
  watched.delete(clock)
}

function lookLater(): void {
  if (nextLook !== undefined || signalAfter === undefined) return
  nextLook = signalAfter(limits.forgottenAfterMs / 2)
  nextLook.addEventListener('abort', look, { once: true })
}

function look(): void {
  nextLook = undefined
  for (const [clock, sight] of watched) {
    if (clock.isMoving || clock.uses !== sight.uses) watched.set(clock, { uses: clock.uses, isOld: false })
    // A look that a busy program delayed sees nothing new either: what it was busy with gets the time until the next one.
    else if (!sight.isOld) watched.set(clock, { uses: sight.uses, isOld: true })
    else {
      watched.delete(clock)
      clock.forgotten()
    }
  }
  if (watched.size > 0) lookLater()
}
