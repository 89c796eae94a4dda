import type { Attack, Counts } from './attack.ts'
import type { TrialOptions } from './trial.ts'

/** How long an attack lasts. */
export interface Term {
  readonly seconds: number
  /** How many deeds a run must have to say anything. */
  readonly deedsMin: number
  /** Beyond `seconds`, for as long as fewer than `deedsMin` are done: a busy machine may have let the attack do nothing. */
  readonly graceSeconds: number
}

/** Whether an attack is over: what says it, and what settles then. */
export interface TheEnd {
  isOver(): boolean
  readonly over: Promise<void>
}

/** A little longer than the good calls take. Where the clock is not judged, a tenth of the deeds is enough, and waited for. */
export function termOf(
  { deedsPerSecondMin }: Pick<Attack, 'deedsPerSecondMin'>,
  { seconds, judgesTimes }: TrialOptions,
): Term {
  const part = judgesTimes ? 1 : 1 / 10
  return {
    seconds: seconds + 1,
    deedsMin: Math.ceil(deedsPerSecondMin * seconds * part),
    graceSeconds: judgesTimes ? 0 : 10,
  }
}

/** An end that comes when `tell` is called. */
export function endWhenTold(): TheEnd & { tell(): void } {
  let isOver = false
  let settle: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    settle = resolve
  })
  const tell = () => {
    isOver = true
    settle()
  }
  return { isOver: () => isOver, over, tell }
}

/** The end of the term of an attack that has done `counts` so far. */
export function endAfter({ seconds, deedsMin, graceSeconds }: Term, counts: Counts): TheEnd {
  const end = endWhenTold()
  const startedAtMs = performance.now()
  const look = setInterval(() => {
    const sinceMs = performance.now() - startedAtMs
    const isShort = counts.deeds < deedsMin && sinceMs < 1000 * (seconds + graceSeconds)
    if (sinceMs < 1000 * seconds || isShort) return
    clearInterval(look)
    end.tell()
  }, 20)
  return end
}
