import { parseArgs } from 'node:util'

/** The number of connections, and the number of messages in flight on each of them (`depth`). */
export interface Setting {
  readonly connections: number
  readonly depth: number
}

export interface BenchOptions {
  readonly rounds: number
  readonly measureMs: number
  readonly warmUpMs: number
  readonly payloadBytes: readonly number[]
  readonly settings: readonly Setting[]
  /** Names of contestants; undefined means all. Those that others are compared with always run. */
  readonly contestants: readonly string[] | undefined
  /** Numbers of idle connections at which memory is read; empty if memory is not measured. */
  readonly idleConnections: readonly number[]
  readonly markdown: boolean
  readonly jsonFile: string | undefined
  readonly chartFile: string | undefined
  /** The root of another checkout to compare with. */
  readonly before: string | undefined
}

export const usage = `npm run bench:core -- [options]

  --quick              about a minute: 1 round, two settings, 64 B and 16 KiB, fewer idle connections
  --rounds N           rounds in which every contestant runs once (5)
  --ms N               measured time of a run (400)
  --warm-up-ms N       time before it in which nothing is counted (150)
  --payloads LIST      bytes of payload (64,1024,16384)
  --settings LIST      connections x depth (1x1,64x1,64x16,512x16)
  --contestants LIST   only these, and those they are compared with (all)
  --idle LIST          idle connections at which memory is read (2000,10000); 0 for none
  --before FOLDER      the root of another checkout, installed and built: ours run beside its own and beside twins
  --markdown           print the tables as Markdown
  --json FILE          write every run and every figure to a file
  --chart FILE         write the chart as SVG (packages/iocp-core/build/bench-core.svg)
`

const quick = { rounds: '1', ms: '300', payloads: '64,16384', settings: '1x1,64x16', idle: '500,2000' }
const full = {
  rounds: '5',
  ms: '400',
  payloads: '64,1024,16384',
  settings: '1x1,64x1,64x16,512x16',
  idle: '2000,10000',
}

/** Undefined if the arguments ask only for the usage. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      ms: { type: 'string' },
      'warm-up-ms': { type: 'string', default: '150' },
      payloads: { type: 'string' },
      settings: { type: 'string' },
      contestants: { type: 'string' },
      idle: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      chart: { type: 'string' },
      before: { type: 'string' },
    },
  })
  if (values.help) return undefined
  const given = { ...(values.quick ? quick : full), ...values }
  return {
    rounds: wholeNumber('--rounds', given.rounds, 1),
    measureMs: wholeNumber('--ms', given.ms, 10),
    warmUpMs: wholeNumber('--warm-up-ms', given['warm-up-ms'], 0),
    payloadBytes: list(given.payloads).map((text) => wholeNumber('--payloads', text, 9)),
    settings: list(given.settings).map(setting),
    contestants: given.contestants === undefined ? undefined : list(given.contestants),
    idleConnections: given.idle === '0' ? [] : idleConnections(given.idle),
    markdown: given.markdown,
    jsonFile: given.json,
    chartFile: given.chart,
    before: given.before,
  }
}

function list(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  throw new RangeError(`${option}: ${text} is not a whole number from ${least} on.`)
}

function setting(text: string): Setting {
  const [connections = '', depth = '', ...more] = text.split('x')
  if (more.length > 0) throw new RangeError(`--settings: ${text} is not CONNECTIONSxDEPTH.`)
  return {
    connections: wholeNumber('--settings', connections, 1),
    depth: wholeNumber('--settings', depth, 1),
  }
}

/**
 * Two numbers: the memory of a connection is the slope between them, which excludes the fixed memory of the process.
 */
function idleConnections(text: string): number[] {
  const amounts = list(text).map((part) => wholeNumber('--idle', part, 1))
  if (amounts.length === 2 && amounts[0]! < amounts[1]!) return amounts
  throw new RangeError(`--idle: ${text} is not two rising numbers.`)
}
