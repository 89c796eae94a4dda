import type { Run } from './measure.ts'
import { type Quartiles, quartiles } from './statistics.ts'

/** Three runs beside each other in time. */
export interface Round {
  readonly a: Run
  readonly b: Run
  /** A once more. */
  readonly twin: Run
}

/** Of each figure more is better, so that a ratio below 1 is a loss. */
export const speeds = {
  'per second': ({ unitsPerSecond }: Run) => unitsPerSecond,
  'per CPU second of the server': ({ serverUs }: Run) => 1e6 / serverUs,
  'per CPU second of the client': ({ clientUs }: Run) => 1e6 / clientUs,
} as const satisfies Readonly<Record<string, (run: Run) => number>>

export type Speed = keyof typeof speeds
export const speedNames = Object.keys(speeds) as readonly Speed[]

export interface Judgement {
  readonly work: string
  readonly speed: Speed
  /** Of A itself. */
  readonly a: number
  /** B to A. */
  readonly ratio: Quartiles
  /** The twin of A to A: what chance does. */
  readonly chance: Quartiles
  readonly isLost: boolean
}

/**
 * Whether B lost: its median lies below what is allowed, and below the middle half of what chance did. The lower
 * quartile and not the lowest ratio, because more pairs make the first surer and the second only lower.
 */
export function judge(work: string, rounds: readonly Round[], allowedPercent: number): Judgement[] {
  return speedNames.map((speed) => {
    const of = speeds[speed]
    const ratio = quartiles(rounds.map(({ a, b }) => of(b) / of(a)))
    const chance = quartiles(rounds.map(({ a, twin }) => of(twin) / of(a)))
    const limit = Math.min(1 - allowedPercent / 100, chance.lower)
    return {
      work,
      speed,
      a: quartiles(rounds.map(({ a }) => of(a))).median,
      ratio,
      chance,
      isLost: ratio.median < limit,
    }
  })
}

export const lostPercent = ({ median }: Quartiles): number => (1 - median) * 100

/** A loss that is found is measured again: one that fresh rounds do not show as well was chance. */
export function confirmed(first: readonly Judgement[], second: readonly Judgement[]): Judgement[] {
  return first.map((judgement) => {
    if (!judgement.isLost) return judgement
    const again = second.find(({ work, speed }) => work === judgement.work && speed === judgement.speed)
    return again ?? judgement
  })
}
