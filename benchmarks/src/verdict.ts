import { medianOf, type Round, ratioOf, type Slice } from './measure.ts'
import { type Quartiles, quartiles } from './statistics.ts'

/** Names of the programs of a comparison. The twin is A, a second time. */
export const a = 'A'
export const b = 'B'
export const twin = 'twin of A'

/** For each figure more is better, so that a ratio below 1 is a loss. */
const speeds = {
  'per second': ({ unitsPerSecond }: Slice) => unitsPerSecond,
  'per CPU second of the server': ({ serverUs }: Slice) => 1e6 / serverUs,
  'per CPU second of the client': ({ clientUs }: Slice) => 1e6 / clientUs,
} as const

export type Speed = keyof typeof speeds
export const speedNames = Object.keys(speeds) as readonly Speed[]

export interface Judgement {
  readonly work: string
  readonly speed: Speed
  /** Of A itself. */
  readonly amountOfA: number
  /** B to A. */
  readonly ratio: Quartiles
  /** The twin of A to A: the effect of chance. */
  readonly chance: Quartiles
  readonly isLost: boolean
}

/**
 * Whether B lost: its median is below the limit, and below the middle half of the effect of chance. The lower
 * quartile, not the lowest ratio, because with more pairs the quartile becomes more certain but the minimum only lower.
 */
export function judge(work: string, rounds: readonly Round[], allowedPercent: number): Judgement[] {
  return speedNames.map((speed) => {
    const figure = speeds[speed]
    const ratio = quartiles(rounds.map((round) => ratioOf(round, b, a, figure)))
    const chance = quartiles(rounds.map((round) => ratioOf(round, twin, a, figure)))
    const limit = Math.min(1 - allowedPercent / 100, chance.lower)
    const amountOfA = medianOf(rounds, a, figure)
    return { work, speed, amountOfA, ratio, chance, isLost: ratio.median < limit }
  })
}

export const lostPercent = ({ median }: Quartiles): number => (1 - median) * 100

/**
 * A loss is measured again: if new rounds do not show it as well, it was chance. The reported figures are
 * those of the new rounds, since the first ones were selected for looking bad.
 */
export function confirmed(first: readonly Judgement[], second: readonly Judgement[]): Judgement[] {
  return first.map((judgement, at) => (judgement.isLost ? (second[at] ?? judgement) : judgement))
}
