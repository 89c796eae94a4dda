import { compareCosts, compareInstructions } from './compare-costs.ts'
import { compareSpeeds } from './compare-speeds.ts'
import { conditions, requireLinux } from './conditions.ts'
import { type Cost, type CostJudgement, isCostLost, judgeCost, pooled } from './costs.ts'
import { requireTools } from './figures/tools.ts'
import { type GuardOptions, guardUsage, readGuardOptions } from './guard-options.ts'
import { costTable, sentence, speedTable } from './guard-report.ts'
import type { Side } from './side.ts'
import { bundleSides, type Sides } from './sides.ts'
import { asText } from './table.ts'
import type { Judgement } from './verdict.ts'

/** `npm run bench:guard A B`: exit code 1 if B lost, 2 if there is no result. */

const say = (text: string) => process.stdout.write(`${text}\n`)
const progress = (text: string) => process.stderr.write(`${text}\n`)

async function judgeCosts(options: GuardOptions, sidesOf: (work: string) => Sides): Promise<CostJudgement[]> {
  const judged = (costs: readonly Cost[]) => costs.map((cost) => judgeCost(cost, options.allowedCostPercent))
  const judgements: CostJudgement[] = []
  for (const figure of options.costs) {
    if (figure === 'instructions') {
      progress(figure)
      judgements.push(...judged(compareInstructions(options.a, options.b)))
      continue
    }
    for (const work of options.works) {
      progress(`${work}, ${figure}`)
      const once = () => compareCosts(work, figure, sidesOf(work))
      const costs = await once()
      const isLost = judged(costs).some(isCostLost)
      if (isLost) progress(`${work}, ${figure} again`)
      judgements.push(...judged(isLost ? pooled(costs, await once()) : costs))
    }
  }
  return judgements
}

const named = ({ name, folder, variables }: Side) => {
  const pairs = Object.entries(variables).map(([key, value]) => ` ${key}=${value}`)
  return `${name} is ${folder}${pairs.join('')}`
}

async function guard(options: GuardOptions): Promise<boolean> {
  requireLinux()
  requireTools(options.costs)
  say(`${named(options.a)}\n${named(options.b)}\n${conditions()}`)
  const sidesOf = await bundleSides(options)
  const costs = await judgeCosts(options, sidesOf)
  if (costs.length > 0) say(asText(costTable(costs)))
  const speeds: Judgement[] = []
  for (const work of options.isSpeedMeasured ? options.works : []) {
    const judgements = await compareSpeeds(work, sidesOf(work), options, progress)
    say(asText(speedTable(work, judgements)))
    speeds.push(...judgements)
  }
  say(sentence(speeds, costs))
  return !speeds.some(({ isLost }) => isLost) && !costs.some(isCostLost)
}

try {
  const options = readGuardOptions(process.argv.slice(2))
  if (options === undefined) say(guardUsage)
  else if (!(await guard(options))) process.exitCode = 1
} catch (error) {
  progress(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
