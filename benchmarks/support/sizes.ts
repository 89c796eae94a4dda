import type { Load } from './work.ts'

/** Calls under way on the one connection. */
export const callsInFlight = 64
/** Long enough that the beginning and the end of a stream do not count. */
export const itemsOfStream = 2000
/** Those that the aims were stated for. */
export const subscribersOfEvent = 500

type Steps = Omit<Load, 'step'>

/**
 * The warm-up is as long as it takes until a run is as fast as one that went on. One call at a time is slow, so that
 * fewer have to do.
 */
export function unarySteps(inFlight: number): Steps {
  const steps =
    inFlight === 1 ? { warmUpSteps: 6000, countedSteps: 2000 } : { warmUpSteps: 30_000, countedSteps: 20_000 }
  return { inFlight, unit: 'call', unitsPerStep: 1, ...steps }
}

export function streamSteps(items: number): Steps {
  return { inFlight: 1, unit: 'item', unitsPerStep: items, warmUpSteps: 40, countedSteps: 10 }
}

/** As many events are under way as in the rows of the comparison. */
export function eventSteps(subscribers: number): Steps {
  return {
    inFlight: 4,
    unit: 'delivery',
    unitsPerStep: subscribers,
    warmUpSteps: 400,
    countedSteps: 40,
  }
}
