import { measureRound, type Round } from './measure.ts'
import type { Sides } from './sides.ts'
import { confirmed, type Judgement, judge } from './verdict.ts'

export interface SpeedOptions {
  readonly pairs: number
  readonly measureMs: number
  readonly allowedPercent: number
}

/** One work on both sides. An apparent loss is measured again in as many new rounds. */
export async function compareSpeeds(
  work: string,
  sides: Sides,
  options: SpeedOptions,
  progress: (text: string) => void,
): Promise<Judgement[]> {
  const once = async (label: string) => {
    const rounds = await measureRounds(sides, options, (text) => progress(`${label}, ${text}`))
    return judge(work, rounds, options.allowedPercent)
  }
  const first = await once(work)
  return first.some(({ isLost }) => isLost) ? confirmed(first, await once(`${work} again`)) : first
}

async function measureRounds(
  { a, b, twin }: Sides,
  { pairs, measureMs }: SpeedOptions,
  progress: (text: string) => void,
): Promise<Round[]> {
  const rounds: Round[] = []
  for (let round = 0; round < pairs; round++) {
    progress(`pair ${round + 1} of ${pairs}`)
    rounds.push(await measureRound([a, b, twin], round, measureMs))
  }
  return rounds
}
