import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benchmarksFolder, bundle, type Family, worksOf } from './bundle.ts'
import { conditions, requireLinux } from './conditions.ts'
import { chosenWorks, numberOf } from './guard-options.ts'
import { measure, type Run } from './measure.ts'
import type { Program } from './program-pair.ts'
import { addonVariable, readSide } from './side.ts'
import { median, rotated } from './statistics.ts'
import { amount, asText, type Table } from './table.ts'

/** `npm run bench:calls`: ours beside others, interleaved in rounds. */

const usage = `npm run bench:calls -- [options]

  --rounds N           rounds in which every contestant runs once (5)
  --work NAME          only this work; may be given several times (all: ${worksOf('ours').join(', ')})
  --back-end NAME      of ours: io_uring, epoll or net (the best there is)
  --without-nest       leaves out NestJS, which npm ci --ignore-scripts --prefix benchmarks installs
  --ms N               measured time of a run (1000)
`

interface Contestant {
  readonly name: string
  readonly family: Family
}

const contestants: readonly Contestant[] = [
  { name: 'ours', family: 'ours' },
  { name: 'ours (again)', family: 'ours' },
  { name: 'raw node:net', family: 'raw' },
  { name: 'NestJS TCP', family: 'nest' },
]

const say = (text: string) => process.stdout.write(`${text}\n`)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs of one round by contestant. */
type Round = ReadonlyMap<string, Run>

async function measureRounds(
  programs: readonly Program[],
  rounds: number,
  measureMs: number,
): Promise<readonly Round[]> {
  const done: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const runs = new Map<string, Run>()
    for (const program of rotated(programs, round)) runs.set(program.name, await measure(program, measureMs))
    done.push(runs)
  }
  return done
}

/** A ratio is of two runs of one round. */
function tableOf(work: string, rounds: readonly Round[]): Table {
  const unit = rounds[0]?.get('ours')?.unit ?? 'call'
  const rows = [...(rounds[0]?.keys() ?? [])].map((name) => {
    const of = (figure: (run: Run) => number) => rounds.map((round) => figure(round.get(name)!))
    const ratios = (figure: (run: Run) => number) =>
      rounds.map((round) => figure(round.get(name)!) / figure(round.get('ours')!))
    const cpu = ({ serverUs, clientUs }: Run) => serverUs + clientUs
    return [
      name,
      amount(median(of(({ unitsPerSecond }) => unitsPerSecond))),
      outermost(ratios(({ unitsPerSecond }) => unitsPerSecond)),
      median(of(({ serverUs }) => serverUs)).toFixed(1),
      median(of(({ clientUs }) => clientUs)).toFixed(1),
      outermost(ratios(cpu)),
    ]
  })
  return {
    title: `${work}: ratios to ours of the same round, median (lowest–highest)`,
    head: ['contestant', `${unit}s/s`, 'ratio', 'server µs', 'client µs', 'CPU ratio'],
    rows: rows.sort(([a], [b]) => placeOf(a) - placeOf(b)),
  }
}

const placeOf = (name: string | undefined) => contestants.findIndex((contestant) => contestant.name === name)
const outermost = (ratios: readonly number[]) =>
  `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      work: { type: 'string', multiple: true, default: [] },
      'back-end': { type: 'string' },
      'without-nest': { type: 'boolean', default: false },
      ms: { type: 'string', default: '1000' },
    },
  })
  if (values.help) {
    say(usage)
    return
  }
  requireLinux()
  if (!values['without-nest'] && !existsSync(join(benchmarksFolder, 'node_modules/@nestjs/core')))
    throw new Error(
      'NestJS is not installed. Run npm ci --ignore-scripts --prefix benchmarks, or leave it out with --without-nest.',
    )
  const backEnd = values['back-end']
  const side = readSide('ours', root, backEnd === undefined ? {} : { FRAMEPORT_BACKEND: backEnd })
  const variables = { ...addonVariable(side), ...side.variables }
  say(conditions())
  for (const work of chosenWorks(values.work)) {
    const taking = contestants.filter(
      ({ family }) => worksOf(family).includes(work) && !(family === 'nest' && values['without-nest']),
    )
    const programs: Program[] = []
    for (const { name, family } of taking)
      programs.push({ name, file: (await bundle(family, side.folder, [work]))(work), variables })
    const rounds = await measureRounds(
      programs,
      numberOf('--rounds', values.rounds, 1),
      numberOf('--ms', values.ms, 1),
    )
    say(asText(tableOf(work, rounds)))
  }
}

await main()
