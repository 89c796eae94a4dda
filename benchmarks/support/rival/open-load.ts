import { arrivalsDue, arrivalsOf, dueAtMs, type Schedule } from './arrivals.ts'
import { LatencyRecorder } from './latencies.ts'
import type { Latencies } from './messages.ts'

/**
 * Makes each call when it is due, whether those before it are answered or not, and counts its latency from when it was
 * due: a stall is paid by every call that it delays. The loop of the client looks at the clock in every turn and does not
 * sleep meanwhile, because timers come up to a millisecond late.
 */
export function runOpenLoad(step: () => Promise<void>, schedule: Schedule): Promise<Latencies> {
  const recorder = new LatencyRecorder()
  const arrivals = arrivalsOf(schedule)
  let made = 0
  let answered = 0
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const make = (arrival: number) => {
      const due = began + dueAtMs(schedule, arrival)
      step().then(() => {
        recorder.record(performance.now() - due)
        if (++answered === arrivals) resolve(recorder.read())
      }, reject)
    }
    const turn = () => {
      const due = arrivalsDue(schedule, performance.now() - began)
      while (made < due) make(made++)
      if (made < arrivals) setImmediate(turn)
    }
    turn()
  })
}
