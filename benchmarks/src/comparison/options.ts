import { parseArgs } from 'node:util'
import type { Row } from '../../support/rival/row.ts'
import { numberOf, oneOf } from '../guard-options.ts'
import { type Entry, entries } from './contestants.ts'
import { quickRows, rows } from './rows.ts'

export interface ComparisonOptions {
  readonly rows: readonly Row[]
  readonly entries: readonly Entry[]
  readonly rounds: number
  /** Measured time of each contestant in a round, all slices together. */
  readonly measureMs: number
  /** Steps before the measurement: the first limit reached ends them. */
  readonly warmUpSteps: number
  readonly warmUpMs: number
  /** Time of the open load of each contestant in a round. */
  readonly openLoadMs: number
  /** Every contestant runs twice, not only the first one. */
  readonly hasTwins: boolean
  /** The path for the results. */
  readonly folder: string
}

const full = { rounds: '5', ms: '1600', steps: '30000', 'warm-up-ms': '15000', 'open-ms': '3000' }
/** grpc-js becomes faster for a hundred thousand calls. */
const long = { ...full, steps: '200000', 'warm-up-ms': '60000', 'open-ms': '5000' }
const quick = { rounds: '1', ms: '200', steps: '500', 'warm-up-ms': '300', 'open-ms': '200' }

const keysOf = (isApart: boolean) =>
  entries.flatMap((entry) => ((entry.isApart === true) === isApart ? [entry.key] : [])).join(',')

export const comparisonUsage = `npm run bench:calls -- [options]

Frameport beside others in calls, streams, uploads and events: all contestants in turn, server and client on a core each.

  --quick              about a minute: less of each kind, one round; for seeing that everything works
  --long               longer warm-ups, and a twin of every contestant
  --rounds N           rounds in which every contestant runs once (${full.rounds})
  --row NAME           only this row; may be given several times (all: ${rows.map(({ name }) => name).join(', ')})
  --contestants LIST   only these; the first one is what the others are compared with
                       (all: ${keysOf(false)}; apart: ${keysOf(true)})
  --ms N               measured time of each contestant in a round (${full.ms})
  --steps N            calls of a warm-up (${full.steps}; with --long ${long.steps})
  --warm-up-ms N       longest time of a warm-up (${full['warm-up-ms']}; with --long ${long['warm-up-ms']})
  --open-ms N          time of the open load of each contestant in a round (${full['open-ms']})
  --out FOLDER         where calls.json, calls.md and calls.svg are written (benchmarks/build/results)
`

/**
 * Undefined if only the usage was requested.
 *
 * @throws RangeError, TypeError for invalid arguments
 */
export function readComparisonOptions(
  args: readonly string[],
  defaultFolder: string,
): ComparisonOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      row: { type: 'string', multiple: true, default: [] },
      contestants: { type: 'string' },
      ms: { type: 'string' },
      steps: { type: 'string' },
      'warm-up-ms': { type: 'string' },
      'open-ms': { type: 'string' },
      out: { type: 'string', default: defaultFolder },
    },
  })
  if (values.help) return undefined
  if (values.quick && values.long) throw new RangeError('--quick and --long exclude each other.')
  const given = { ...(values.quick ? quick : values.long ? long : full), ...values }
  const all = values.quick ? quickRows : rows
  const names = oneOf(
    '--row',
    values.row,
    all.map(({ name }) => name),
  )
  return {
    rows: names.length === 0 ? all : all.filter(({ name }) => names.includes(name)),
    entries: chosenEntries(values.contestants, values.quick),
    rounds: wholeNumber('--rounds', given.rounds),
    measureMs: numberOf('--ms', given.ms, 1),
    warmUpSteps: wholeNumber('--steps', given.steps),
    warmUpMs: numberOf('--warm-up-ms', given['warm-up-ms'], 1),
    openLoadMs: numberOf('--open-ms', given['open-ms'], 1),
    hasTwins: values.long,
    folder: values.out,
  }
}

/** Includes the separate ones, to test whether everything works. @throws RangeError */
function chosenEntries(list: string | undefined, isQuick: boolean): readonly Entry[] {
  if (list === undefined) return entries.filter(({ isApart }) => isQuick || isApart !== true)
  const keys = oneOf(
    '--contestants',
    list.split(',').map((key) => key.trim()),
    entries.map(({ key }) => key),
  )
  return keys.map((key) => entries.find((entry) => entry.key === key)!)
}

/** @throws RangeError */
function wholeNumber(option: string, text: string): number {
  const value = numberOf(option, text, 1)
  if (!Number.isInteger(value)) throw new RangeError(`${option} is a whole number, not ${text}.`)
  return value
}
