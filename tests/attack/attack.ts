import { parseArgs } from 'node:util'
import { attacks } from './attacks/index.ts'
import { tryAttack } from './support/trial.ts'
import { achievements, mib, ms } from './support/verdict.ts'

const usage = `npm run attack -- [options]

Attacks a server with raw sockets, beside a good client that makes a hundred calls a second, and compares with an innocent
load of the same size. Fails when an attack achieves something.

  --backend NAME   net, epoll or io_uring (net)
  --attack NAME    only this one; may be given several times
  --seconds N      how long each load lasts (30)
  --list           the attacks`

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'net' },
    attack: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '30' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) print(usage)
else if (values.list) for (const { name, about } of attacks) print(`${name.padEnd(22)} ${about}`)
else process.exitCode = await run(values.backend, values.attack, Number(values.seconds))

async function run(backend: string, names: readonly string[], seconds: number): Promise<number> {
  const unknown = names.filter((name) => attacks.every((attack) => attack.name !== name))
  if (unknown.length > 0 || !(seconds >= 1)) {
    printError(unknown.length > 0 ? `there is no attack ${unknown.join(', ')}: see --list` : usage)
    return 2
  }
  print(`${backend}, ${seconds} s a load, beside 100 good calls a second. Innocent load : attack.`)
  let achieved = 0
  for (const attack of attacks.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const trial = await tryAttack(attack, backend, seconds)
    const { innocent, hostile, before } = trial
    const found = achievements(trial)
    const pair = (of: (phase: typeof hostile) => number) =>
      `${of(innocent).toFixed(1)} : ${of(hostile).toFixed(1)}`
    print(
      [
        attack.name.padEnd(22),
        `${hostile.counts.deeds} deeds, ${mib(hostile.counts.bytes)}`,
        `loop p99 ${pair(({ figures }) => figures.delayP99Ms)}, max ${pair(({ figures }) => figures.delayMaxMs)} ms`,
        `good p99 ${pair(({ good }) => good.p99Ms)} ms, max ${ms(hostile.good.maxMs)}, ${hostile.good.failed} failed`,
        `memory +${mib(hostile.figures.memoryPeakBytes - before.figures.memoryBytes)}`,
        found.length === 0 ? 'withstood' : 'ACHIEVED',
      ].join(' · '),
    )
    for (const what of found) print(`    ${what}`)
    achieved += found.length > 0 ? 1 : 0
  }
  print(achieved === 0 ? 'all withstood' : `${achieved} achieved something`)
  return achieved === 0 ? 0 : 1
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
