/**
 * Random sessions against a model: `npm run random`.
 *
 *     npm run random                          3,000 seeds over each layer, beginning with 1
 *     npm run random -- --seeds N --from N    N seeds, beginning with that one
 *     npm run random -- --seed N              one seed, with its whole trace (--layer NAME: over one layer)
 *     npm run random -- --seeded [NAME]…      checks that each seeded fault is found within 200 seeds
 */
import { parseArgs } from 'node:util'
import { runSeededFaults, say } from '../../../../tests/support/seeded-faults.ts'
import { runSeed } from './episode.ts'
import { findFault, layers, replayLine } from './search.ts'
import { seededFaults } from './seeded-faults.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    layer: { type: 'string' },
    seeds: { type: 'string', default: '3000' },
    from: { type: 'string', default: '1' },
    seeded: { type: 'boolean', default: false },
  },
})

async function runMany(): Promise<boolean> {
  const [from, seeds] = [Number(options.from), Number(options.seeds)]
  const started = performance.now()
  const { fault, counts } = await findFault(runSeed, from, seeds)
  const seconds = Math.round((performance.now() - started) / 1000)
  if (fault === undefined) {
    say(
      `random: ${seeds} seeds from ${from} over ${layers.join(' and ')} in ${seconds} s, no rule was broken`,
    )
    say(`random: ${JSON.stringify(counts)}`)
    return true
  }
  for (const line of fault.lines.slice(-60)) say(line)
  say(replayLine(fault))
  return false
}

async function runOne(seed: number): Promise<boolean> {
  let good = true
  for (const layer of layers) {
    if (options.layer !== undefined && options.layer !== layer) continue
    const { rule, lines } = await runSeed(seed, layer)
    for (const line of lines) say(line)
    say(
      `random: seed ${seed} over ${layer}: ${rule === undefined ? 'no rule was broken' : `broke "${rule}"`}`,
    )
    good &&= rule === undefined
  }
  return good
}

const good = await (options.seeded
  ? runSeededFaults(seededFaults, positionals)
  : options.seed === undefined
    ? runMany()
    : runOne(Number(options.seed)))
process.exitCode = good ? 0 : 1
