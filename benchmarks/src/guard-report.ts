import { type CostJudgement, isCostLost } from './costs.ts'
import { amount, spread, type Table } from './table.ts'
import { type Judgement, lostPercent } from './verdict.ts'

export function speedTable(work: string, judgements: readonly Judgement[]): Table {
  return {
    title: `${work}: median of the pairs, and where the middle half of them lies. Below 1 is slower.`,
    head: ['speed', 'A', 'B : A', 'twin : A', 'verdict'],
    rows: judgements.map(({ speed, amountOfA, ratio, chance, isLost }) => [
      speed,
      amount(amountOfA),
      spread(ratio),
      spread(chance),
      isLost ? 'LOST' : 'held',
    ]),
  }
}

export function costTable(judgements: readonly CostJudgement[]): Table {
  return {
    title: 'Costs that repeat: medians for one call, item or delivery. Above 0 is more.',
    head: ['what', 'A', 'B', 'more', 'limit', 'A repeats within', 'verdict'],
    rows: judgements.map(({ name, medianOfA, medianOfB, a, morePercent, limitPercent, verdict }) => [
      name,
      amount(medianOfA),
      amount(medianOfB),
      Number.isNaN(morePercent) ? '–' : `${morePercent.toFixed(2)} %`,
      `${limitPercent} %`,
      a.length < 2 ? '–' : `${((Math.max(...a) / Math.min(...a) - 1) * 100).toFixed(2)} %`,
      verdict === 'lost' || verdict === 'gone' ? verdict.toUpperCase() : verdict,
    ]),
  }
}

/** One sentence that names the losses, for readers of nothing else. */
export function sentence(speeds: readonly Judgement[], costs: readonly CostJudgement[]): string {
  const lost = [
    ...speeds
      .filter(({ isLost }) => isLost)
      .map(({ work, speed, ratio }) => `${lostPercent(ratio).toFixed(1)} % of ${work} ${speed}`),
    ...costs
      .filter(isCostLost)
      .map(({ name, morePercent, verdict }) =>
        verdict === 'gone' ? `the source of "${name}"` : `"${name}" grew by ${morePercent.toFixed(2)} %`,
      ),
  ]
  return lost.length === 0 ? 'B lost nothing against A.' : `B lost against A: ${lost.join('; ')}.`
}
