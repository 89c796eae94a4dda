import type { Attack, Counts } from './attack.ts'
import type { TrialOptions } from './trial.ts'

/** The duration of an attack. */
export interface Term {
  readonly seconds: number
  /** The minimum number of deeds of a valid run. */
  readonly deedsMin: number
  /**
   * The maximum extension beyond `seconds` while fewer than `deedsMin` are done, because a busy machine may have
   * prevented the attack.
   */
  readonly graceSeconds: number
}

/** Says whether an attack is over, and settles then. */
export interface TheEnd {
  isOver(): boolean
  readonly over: Promise<void>
}

/**
 * A little longer than the good calls. If times are not judged, a tenth of the deeds is enough, and the attack lasts
 * until they are done.
 */
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

/** An end that happens when `tell` is called. */
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

/** The end of an attack that has done `counts` so far. */
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
