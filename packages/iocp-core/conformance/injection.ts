import { parseArgs } from 'node:util'
import type { BackendName } from '../src/index.ts'
import { keepsOrder } from './injection/order.ts'
import { pointsEverywhere } from './injection/points.ts'
import { type Round, Rounds } from './injection/rounds.ts'

/*
 * Lets every call that can fail do so, one after another:
 *   node … conformance/injection.ts BACKEND [--time-scale N] [--point N] [--stop]
 * FRAMEPORT_ADDON names an addon of a variant `inject`. The scenario runs once to count its points, then once for each
 * of them with that one failing, then for some with every later one failing, too, until the world is well again.
 * --stop ends the run with the first rule that was broken. Exit code 1 when one was.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'time-scale': { type: 'string', default: '1' },
    point: { type: 'string' },
    stop: { type: 'boolean', default: false },
  },
})
const backend = positionals[0] as BackendName

/** Rounds in which everything fails from one point on. More of them show little that the single failures do not. */
const lastingRounds = 30

const rounds = new Rounds(backend, Number(values['time-scale']))
const failedFirst = new Map<string, number>()
let broken = 0
let notReached = 0

note('nothing failing', await rounds.clean())
const { reached } = note('nothing failing', await rounds.clean())
const points = Object.values(reached).reduce((sum, count) => sum + count, 0)
await keepsOrder(backend, AbortSignal.timeout(10_000)).catch((error) =>
  say(`the order of two sends: ${error}`),
)

const missing = pointsEverywhere.filter((kind) => !reached[kind])
if (missing.length > 0) say(`the scenario never reaches: ${missing.join(', ')}`)

if (values.point === undefined) {
  // The number of points differs from round to round, as the kernel's answers do: on until one is past the last.
  for (let point = 1; ; point++) {
    const { failed } = note(`point ${point} failing`, await rounds.once(point))
    if (failed !== null) continue
    if (point > points) break
    notReached++
  }
  const step = Math.max(1, Math.floor(points / lastingRounds))
  for (let point = 1; point <= points; point += step) {
    note(`all failing from point ${point} on`, await rounds.lasting(point))
  }
} else {
  note(`point ${values.point} failing`, await rounds.once(Number(values.point)))
}

const counts = [...failedFirst].sort().map(([kind, count]) => `${count} ${kind}`)
process.stdout.write(
  `${backend}: ${points} points in a round, ${notReached} of them not reached in their turn\n`,
)
process.stdout.write(`${backend}: failed first: ${counts.join(', ')}\n`)
process.stdout.write(`${backend}: ${broken} broken rules\n`)
process.exitCode = broken > 0 ? 1 : 0

function note(name: string, round: Round): Round {
  if (round.failed !== null) failedFirst.set(round.failed, (failedFirst.get(round.failed) ?? 0) + 1)
  for (const sentence of round.broken) say(`${name} (${round.failed}): ${sentence}`)
  if (values.stop && broken > 0) process.exit(1)
  return round
}

function say(sentence: string): void {
  broken++
  process.stdout.write(`broken: ${sentence}\n`)
}
