import { measure, type Run } from './measure.ts'
import type { Sides } from './sides.ts'
import { rotated } from './statistics.ts'
import { confirmed, type Judgement, judge, type Round } from './verdict.ts'

export interface SpeedOptions {
  readonly pairs: number
  readonly measureMs: number
  readonly allowedPercent: number
}

/** One work on both sides. What seems lost is measured again in as many fresh rounds. */
export async function compareSpeeds(
  work: string,
  sides: Sides,
  options: SpeedOptions,
  progress: (text: string) => void,
): Promise<Judgement[]> {
  const once = async (label: string) =>
    judge(
      work,
      await measureRounds(sides, options, (text) => progress(`${label}, ${text}`)),
      options.allowedPercent,
    )
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
    const runs: Record<string, Run> = {}
    for (const program of rotated([a, b, twin], round)) runs[program.name] = await measure(program, measureMs)
    rounds.push({ a: runs[a.name]!, b: runs[b.name]!, twin: runs[twin.name]! })
  }
  return rounds
}
