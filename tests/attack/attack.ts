import { parseArgs } from 'node:util'
import { attacks } from './attacks/index.ts'
import type { Attack } from './support/attack.ts'
import { Bundle } from './support/bundle.ts'
import { ClientTrials } from './support/on-client/trial.ts'
import { tryOnServer } from './support/on-server/trial.ts'
import type { Phase, Trial, TrialOptions } from './support/trial.ts'
import { delays, grownBytes, harm, mib, ms } from './support/verdict.ts'

const usage = `npm run attack -- [options]

Attacks a server with raw sockets, and clients with an evil server, beside a good client that makes a hundred calls a
second, and compares with an innocent load of the same size. Fails when an attack achieves something.

  --backend NAME   net, epoll or io_uring (net)
  --target NAME    attacks on this only: server or client (both)
  --attack NAME    only this one; may be given several times
  --every N        only each Nth of the chosen attacks, as a sample: 1, 1 + N, 1 + 2 N, … (1)
  --seconds N      how long each load lasts (30)
  --no-times       do not judge the clock, leave the innocent load out, and be content with a tenth of the deeds, for which
                   an attack may take ten seconds more: for a machine that others work on
  --list           the attacks`

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'net' },
    target: { type: 'string' },
    attack: { type: 'string', multiple: true, default: [] },
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '30' },
    'no-times': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const every = Number(values.every)
const chosen = attacks
  .filter(
    ({ name, target }) =>
      (values.target ?? target) === target && (values.attack.length === 0 || values.attack.includes(name)),
  )
  .filter((_, index) => index % every === 0)

if (values.help) print(usage)
else if (values.list)
  for (const { target, name, about } of chosen) print(`${target}  ${name.padEnd(22)} ${about}`)
else process.exitCode = await run(values.backend, Number(values.seconds))

async function run(backend: string, seconds: number): Promise<number> {
  const unknown = values.attack.filter((name) => attacks.every((attack) => attack.name !== name))
  if (
    unknown.length > 0 ||
    chosen.length === 0 ||
    !(seconds >= 1) ||
    !Number.isInteger(every) ||
    !isBackend(backend)
  ) {
    printError(unknown.length > 0 ? `there is no attack ${unknown.join(', ')}: see --list` : usage)
    return 2
  }
  const judgesTimes = !values['no-times']
  const compared = judgesTimes ? ' Innocent load : attack.' : ''
  print(`${backend}, ${seconds} s a load, beside 100 good calls a second.${compared}`)
  const bundle = await Bundle.made()
  try {
    return await tryAll(bundle, { backend, seconds, judgesTimes })
  } finally {
    await bundle.remove()
  }
}

async function tryAll(bundle: Bundle, options: TrialOptions): Promise<number> {
  const clients = new ClientTrials(bundle, options)
  const tried = (attack: Attack) =>
    attack.target === 'server' ? tryOnServer(bundle, attack, options) : clients.try(attack)
  let achieved = 0
  for (const attack of chosen) if (!(await withstood(attack, tried, options.judgesTimes))) achieved += 1
  await clients.end()
  print(achieved === 0 ? 'all withstood' : `${achieved} achieved something`)
  return achieved === 0 ? 0 : 1
}

async function withstood(
  attack: Attack,
  tried: (attack: Attack) => Promise<Trial>,
  judgesTimes: boolean,
): Promise<boolean> {
  const title = `${attack.target}  ${attack.name.padEnd(22)}`
  try {
    const trial = await tried(attack)
    const found = judgesTimes ? [...delays(trial), ...harm(trial)] : harm(trial)
    print([title, ...figuresOf(trial), found.length === 0 ? 'withstood' : 'ACHIEVED'].join(' · '))
    for (const what of found) print(`    ${what}`)
    return found.length === 0
  } catch (error) {
    // The process under attack, or an attacking one, has ended.
    print(`${title} · ACHIEVED\n    ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

function isBackend(name: string): name is TrialOptions['backend'] {
  return ['net', 'epoll', 'io_uring'].includes(name)
}

function figuresOf({ innocent, hostile, before }: Trial): string[] {
  const pair = (of: (phase: Phase) => number) =>
    (innocent === undefined ? [hostile] : [innocent, hostile])
      .map((phase) => of(phase).toFixed(1))
      .join(' : ')
  return [
    `${hostile.counts.deeds} deeds, ${mib(hostile.counts.bytes)}`,
    `loop p99 ${pair(({ figures }) => figures.delayP99Ms)}, max ${pair(({ figures }) => figures.delayMaxMs)} ms`,
    `good p99 ${pair(({ good }) => good.p99Ms)} ms, max ${ms(hostile.good.maxMs)}, ${hostile.good.failed} failed`,
    `memory +${mib(grownBytes(hostile, before))}`,
  ]
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
