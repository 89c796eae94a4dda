import { parseArgs } from 'node:util'
import { worksOf } from './bundle.ts'
import { type CostFigure, costFigures } from './costs.ts'
import { readSide, type Side } from './side.ts'
import { a as nameOfA, b as nameOfB } from './verdict.ts'

export interface GuardOptions {
  readonly a: Side
  readonly b: Side
  readonly pairs: number
  readonly measureMs: number
  readonly works: readonly string[]
  /** The permitted loss of speed, in percent. */
  readonly allowedPercent: number
  /** The permitted increase of costs, in percent; undefined for the limit of each figure. */
  readonly allowedCostPercent: number | undefined
  readonly isSpeedMeasured: boolean
  readonly costs: readonly CostFigure[]
}

const pairsMin = 9

export const guardUsage = `npm run bench:guard A B
npm run bench:guard -- A B [options]

Runs calls over the sources of two checkouts, A, B and a twin of A in turn, and fails when B lost.
A and B: FOLDER or FOLDER:KEY=VALUE,KEY=VALUE, with variables for the programs of that side, for instance
  .  .:FRAMEPORT_BACKEND=epoll
Each folder is a checkout that is installed and has its addon built.

  --pairs N            pairs of A and B (${pairsMin}, and no fewer)
  --work NAME          only this work; may be given several times (all: ${worksOf('ours').join(', ')})
  --back-end NAME      io_uring, epoll or net on both sides (the best there is)
  --allow PERCENT      of speed that B may lose (3)
  --allow-cost PERCENT that the bytes, system calls and instructions of B may grow by (the limit of each)
  --without FIGURE     leaves out speed, ${costFigures.join(', ')}; may be given several times
  --ms N               measured time of each side in a pair (1600)
`

/**
 * Undefined if only the usage was requested.
 *
 * @throws RangeError, TypeError for invalid arguments
 */
export function readGuardOptions(args: readonly string[]): GuardOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      pairs: { type: 'string', default: String(pairsMin) },
      work: { type: 'string', multiple: true, default: [] },
      'back-end': { type: 'string' },
      allow: { type: 'string', default: '3' },
      'allow-cost': { type: 'string' },
      without: { type: 'string', multiple: true, default: [] },
      ms: { type: 'string', default: '1600' },
    },
  })
  if (values.help) return undefined
  const [a, b, ...others] = positionals
  if (a === undefined || b === undefined || others.length > 0)
    throw new RangeError(`Two checkouts are compared, and ${positionals.length} are named.\n\n${guardUsage}`)
  const backEnd = values['back-end']
  const variables = backEnd === undefined ? {} : { FRAMEPORT_BACKEND: backEnd }
  const without = oneOf('--without', values.without, ['speed', ...costFigures])
  const allowedCost = values['allow-cost']
  return {
    a: readSide(nameOfA, a, variables),
    b: readSide(nameOfB, b, variables),
    pairs: numberOf('--pairs', values.pairs, pairsMin),
    measureMs: numberOf('--ms', values.ms, 1),
    works: chosenWorks(values.work),
    allowedPercent: numberOf('--allow', values.allow, 0),
    allowedCostPercent: allowedCost === undefined ? undefined : numberOf('--allow-cost', allowedCost, 0),
    isSpeedMeasured: !without.includes('speed'),
    costs: costFigures.filter((figure) => !without.includes(figure)),
  }
}

function chosenWorks(names: readonly string[]): readonly string[] {
  const all = worksOf('ours')
  const chosen = oneOf('--work', names, all)
  return chosen.length === 0 ? all : chosen
}

/** @throws RangeError */
export function numberOf(option: string, text: string, least: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least)) throw new RangeError(`${option} is a number from ${least}, not ${text}.`)
  return value
}

/** @throws RangeError for an unknown name */
export function oneOf(option: string, names: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return names
  throw new RangeError(`${option}: there is no ${unknown.join(', ')}, only ${known.join(', ')}.`)
}
