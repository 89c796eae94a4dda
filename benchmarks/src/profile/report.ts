import { amount, type Table } from '../table.ts'
import type { ProfiledSide } from './profile-rival.ts'

/** One side of one contestant: the cost of a unit in each part, and in which functions. */
export function profileTable(title: string, unit: string, { parts, usPerUnit }: ProfiledSide): Table {
  const all = parts.reduce((sum, { samples }) => sum + samples, 0)
  const share = (samples: number) => samples / all
  const percent = (samples: number) => `${(share(samples) * 100).toFixed(1)} %`
  const rows = parts
    .filter(({ samples }) => share(samples) >= leastShare)
    .map(({ name, samples, functions }) => [
      name,
      percent(samples),
      amount(share(samples) * usPerUnit),
      functions
        .filter((each) => share(each.samples) >= leastShare)
        .map((each) => `${each.name} ${percent(each.samples)}`)
        .join(', '),
    ])
  return {
    title,
    head: ['part', 'share', `µs/${unit}`, 'most of it in'],
    rows: [...rows, [`all (${all} samples)`, '', amount(usPerUnit), '']],
  }
}

/** One sample in a hundred is not significant. */
const leastShare = 0.01
