/** Calls that arrive on a schedule, whatever becomes of those before them: an open load. */
export interface Schedule {
  readonly perSecond: number
  readonly ms: number
}

/** At least one. */
export function arrivalsOf({ perSecond, ms }: Schedule): number {
  return Math.max(1, Math.floor((perSecond * ms) / 1000))
}

/** When this arrival is due, in milliseconds from the beginning. The first is due at once. */
export function dueAtMs({ perSecond }: Schedule, arrival: number): number {
  return (arrival * 1000) / perSecond
}

/** How many are due at this time. */
export function arrivalsDue(schedule: Schedule, elapsedMs: number): number {
  if (elapsedMs < 0) return 0
  // The product of what dueAtMs divides may end a hair below the whole number.
  const due = Math.floor((elapsedMs * schedule.perSecond) / 1000 + 1e-9) + 1
  return Math.min(due, arrivalsOf(schedule))
}
