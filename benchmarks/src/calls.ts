import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benchmarksFolder, bundle, type Family, worksOf } from './bundle.ts'
import { conditions, requireLinux } from './conditions.ts'
import { chosenWorks, numberOf } from './guard-options.ts'
import { measureRound, medianOf, type Round, ratioOf, type Slice } from './measure.ts'
import type { Program } from './program-pair.ts'
import { addonVariable, readSide } from './side.ts'
import { median } from './statistics.ts'
import { amount, asText, type Table } from './table.ts'

/** `npm run bench:calls`: ours beside others, interleaved in rounds. */

const usage = `npm run bench:calls -- [options]

  --rounds N           rounds in which every contestant runs once (5)
  --work NAME          only this work; may be given several times (all: ${worksOf('ours').join(', ')})
  --back-end NAME      of ours: io_uring, epoll or net (the best there is)
  --without-nest       leaves out NestJS, which npm ci --ignore-scripts --prefix benchmarks installs
  --ms N               measured time of each contestant in a round (1600)
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

async function measureRounds(
  programs: readonly Program[],
  rounds: number,
  measureMs: number,
): Promise<readonly Round[]> {
  const done: Round[] = []
  for (let round = 0; round < rounds; round++) done.push(await measureRound(programs, round, measureMs))
  return done
}

function tableOf(work: string, programs: readonly Program[], rounds: readonly Round[]): Table {
  const unit = rounds[0]?.get('ours')?.unit ?? 'call'
  const rows = programs.map(({ name }) => {
    const ratios = (figure: (slice: Slice) => number) =>
      outermost(rounds.map((round) => ratioOf(round, name, 'ours', figure)))
    return [
      name,
      amount(medianOf(rounds, name, ({ unitsPerSecond }) => unitsPerSecond)),
      ratios(({ unitsPerSecond }) => unitsPerSecond),
      medianOf(rounds, name, ({ serverUs }) => serverUs).toFixed(1),
      medianOf(rounds, name, ({ clientUs }) => clientUs).toFixed(1),
      ratios(({ serverUs, clientUs }) => serverUs + clientUs),
    ]
  })
  return {
    title: `${work}: ratios to ours beside it, median of the rounds (lowest–highest)`,
    head: ['contestant', `${unit}s/s`, 'ratio', 'server µs', 'client µs', 'CPU ratio'],
    rows,
  }
}

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
      ms: { type: 'string', default: '1600' },
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
    say(asText(tableOf(work, programs, rounds)))
  }
}

await main()
