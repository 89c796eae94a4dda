import { fileURLToPath } from 'node:url'
import { unitsOfStep } from '../support/rival/row.ts'
import { benchmarksFolder } from './bundle.ts'
import { takesPart } from './comparison/contestants.ts'
import { type ComparisonOptions, readComparisonOptions } from './comparison/options.ts'
import { buildRivals, entriesHere } from './comparison/rival-programs.ts'
import { conditions, requireLinux } from './conditions.ts'
import { profileRival } from './profile/profile-rival.ts'
import { profileTable } from './profile/report.ts'
import { addonVariable, readSide } from './side.ts'
import { asMarkdown } from './table.ts'

/** `npm run bench:profile`: where the contestants of the comparison spend their time. */

const usage = `npm run bench:profile -- [options]

Samples both sides of a contestant at work with perf, and prints the CPU time that a unit takes in each package and in
the kernel. Shares hold on a busy machine, too.

  --row NAME           only this row; may be given several times
  --contestants LIST   only these (io_uring)
  --ms N               sampled time (1600)
  --warm-up-ms N       before it (15000)

Names are those of bench:calls. Functions have no names under Bun, and idle connections have no work.
`
const say = (text: string) => process.stdout.write(`${text}\n`)
const root = fileURLToPath(new URL('../..', import.meta.url))

async function profile({ rows, entries, measureMs, warmUpMs }: ComparisonOptions): Promise<void> {
  requireLinux()
  say(conditions())
  const ofNode = entries.filter(({ runtime }) => runtime === 'node')
  const programs = await buildRivals(ofNode, addonVariable(readSide('ours', root)))
  const sampled = entriesHere(programs, ofNode, say)
  for (const row of rows.filter(({ kind }) => kind !== 'idle')) {
    for (const entry of sampled.filter((each) => takesPart(each, row.kind))) {
      const { server, client } = await profileRival(programs, entry, row, { warmUpMs, measureMs })
      const { unit } = unitsOfStep(row)
      for (const [side, profiled] of Object.entries({ server, client })) {
        const title = `${row.title}: ${entry.name}, ${side}`
        say(`### ${title}\n\n${asMarkdown(profileTable(title, unit, profiled))}`)
      }
    }
  }
}

try {
  const given = process.argv.slice(2)
  const hasList = given.some((each) => each.startsWith('--contestants'))
  const options = readComparisonOptions(
    hasList ? given : [...given, '--contestants', 'io_uring'],
    `${benchmarksFolder}build/results`,
  )
  if (options === undefined) say(usage)
  else await profile(options)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
