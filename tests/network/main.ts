/**
 * Random networks with whole clients and servers, checked against a model: `npm run network`.
 *
 *     npm run network                         1,000 seeds, starting at 1
 *     npm run network -- --seeds N --from N   this many seeds, starting at this one
 *     npm run network -- --trace …            prints everything that happened in the last one
 *     npm run network -- --seeded [NAME]…     each seeded fault must be found within 200 seeds
 */
import { parseArgs } from 'node:util'
import { runSeededFaults, say } from '../support/seeded-faults.ts'
import { runSeed } from './episode.ts'
import { findFault, replayLine } from './search.ts'
import { seededFaults } from './seeded-faults.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    seeded: { type: 'boolean', default: false },
  },
})

async function runMany(): Promise<boolean> {
  const [from, seeds] = [wholeNumber('from', 0), wholeNumber('seeds', 1)]
  const started = performance.now()
  const { fault, counts } = await findFault(runSeed, from, seeds)
  const seconds = Math.round((performance.now() - started) / 1000)
  if (options.trace) for (const line of (await runSeed(fault?.seed ?? from + seeds - 1)).lines) say(line)
  if (fault === undefined) {
    say(`network: ${seeds} seeds from ${from} in ${seconds} s, no rule was broken`)
    say(`network: ${JSON.stringify(counts)}`)
    return true
  }
  say(fault.lines.at(-1) ?? '')
  say(replayLine(fault))
  return false
}

function wholeNumber(name: 'from' | 'seeds', least: number): number {
  const value = Number(options[name])
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new RangeError(`--${name} is a whole number from ${least} on, not ${options[name]}`)
}

const good = await (options.seeded ? runSeededFaults(seededFaults, positionals) : runMany())
process.exitCode = good ? 0 : 1
