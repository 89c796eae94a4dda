import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchmarksFolder } from './bundle.ts'
import { barsOf } from './comparison/chart.ts'
import { compareRivals } from './comparison/compare-rivals.ts'
import { drawChart } from './comparison/draw-chart.ts'
import { factsOf } from './comparison/facts.ts'
import { type ComparisonOptions, comparisonUsage, readComparisonOptions } from './comparison/options.ts'
import { reportOf, rowNotes, rowTable } from './comparison/report.ts'
import { type RowResult, resultOf } from './comparison/result.ts'
import { buildRivals, entriesHere } from './comparison/rival-programs.ts'
import { conditions, requireLinux } from './conditions.ts'
import { addonVariable, readSide } from './side.ts'
import { asText } from './table.ts'

/** `npm run bench:calls`: Frameport and others, interleaved in rounds. */

const say = (text: string) => process.stdout.write(`${text}\n`)
const progress = (text: string) => process.stderr.write(`${text}\n`)
const root = fileURLToPath(new URL('../..', import.meta.url))

async function compare(asked: ComparisonOptions): Promise<void> {
  requireLinux()
  say(conditions())
  const programs = await buildRivals(asked.entries, addonVariable(readSide('ours', root)))
  const options = { ...asked, entries: entriesHere(programs, asked.entries, say) }
  if (options.entries.length === 0) throw new Error('None of the contestants can run here.')
  const facts = factsOf(options)
  mkdirSync(options.folder, { recursive: true })
  const results: RowResult[] = []
  const rounds: Record<string, unknown> = {}
  for (const row of options.rows) {
    const measured = await compareRivals(programs, row, options, progress)
    const result = resultOf(measured)
    say([asText(rowTable(result)), ...rowNotes(result), ''].join('\n'))
    results.push(result)
    rounds[row.name] = measured.rounds.map((round) => Object.fromEntries(round))
    // After each row, so that results are not lost if a later one fails.
    await write(options, { facts, results, rounds })
  }
  say(`Written: calls.json, calls.md and calls.svg in ${options.folder}`)
}

interface Written {
  readonly facts: ReturnType<typeof factsOf>
  readonly results: readonly RowResult[]
  readonly rounds: Readonly<Record<string, unknown>>
}

async function write({ folder, entries }: ComparisonOptions, written: Written): Promise<void> {
  writeFileSync(join(folder, 'calls.json'), `${JSON.stringify(written, null, 1)}\n`)
  writeFileSync(join(folder, 'calls.md'), reportOf(written.results))
  const bars = barsOf(written.results, entries)
  if (bars.length === 0) return
  writeFileSync(join(folder, 'calls.svg'), await drawChart(bars, entries[0]!.name))
}

try {
  const options = readComparisonOptions(process.argv.slice(2), join(benchmarksFolder, 'build/results'))
  if (options === undefined) say(comparisonUsage)
  else await compare(options)
} catch (error) {
  progress(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
