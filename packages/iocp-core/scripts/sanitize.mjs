// Runs the conformance suite over addons built with AddressSanitizer (with LeakSanitizer and
// UndefinedBehaviorSanitizer), with ThreadSanitizer, and with guard pages around what the kernel reads and writes; and
// lets every call fail that can. Then it seeds faults and requires that each fails its run: a sanitizer that sees
// nothing would look like clean code.
//   node sanitize.mjs [--variant NAME]… [--backend NAME]… [--require NAME]… [--only TEXT] [--time-scale N] [--clean]
//   node sanitize.mjs --seed-fault NAME     shows the fault as a failure, the way a real one would be
// --require: a back end that does not work here is a failure then, and is left out with its reason otherwise.
// --clean: without the seeded faults.
import { parseArgs } from 'node:util'
import { checkNames, faults } from './addon-variants.mjs'
import { checkAllocations } from './sanitize/allocations.mjs'
import { bundlePrograms } from './sanitize/programs.mjs'
import { backEndsOf, buildAddon, runProgram } from './sanitize/run.mjs'
import { seeded } from './sanitize/seeded.mjs'

const several = { type: 'string', multiple: true }
const { values: options } = parseArgs({
  options: {
    variant: { ...several, default: ['asan', 'tsan', 'guard', 'inject', 'inject-asan'] },
    backend: { ...several, default: [] },
    require: { ...several, default: [] },
    'seed-fault': { type: 'string' },
    only: { type: 'string', default: '' },
    'time-scale': { type: 'string', default: '6' },
    clean: { type: 'boolean', default: false },
  },
})

const counts = { passed: 0, failed: 0 }

function judge(name, good, output) {
  counts[good ? 'passed' : 'failed']++
  process.stdout.write(`${good ? 'passed' : 'failed'} ${name}\n`)
  if (!good) process.stdout.write(`${output.split('\n').slice(-80).join('\n')}\n`)
}

/** Those of the addon that work here and were asked for. */
function backEnds(variant, addon) {
  const all = backEndsOf(variant, addon)
  for (const [name, refusal] of all) {
    if (refusal === undefined) continue
    if (options.require.includes(name)) judge(`${name} works here`, false, refusal)
    else process.stdout.write(`left out ${name}: ${refusal}\n`)
  }
  for (const name of options.require) {
    if (!all.some(([known]) => known === name)) judge(`${name} is in the addon`, false, all.join(' '))
  }
  const works = all.filter(([, refusal]) => refusal === undefined).map(([name]) => name)
  return options.backend.length === 0 ? works : works.filter((name) => options.backend.includes(name))
}

const started = Date.now()
const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`

/** ThreadSanitizer takes its time with every access. */
function timeScaleOf(variant) {
  return String(Number(options['time-scale']) * (variant === 'tsan' ? 4 : 1))
}

async function cleanRun(variant, addon, backend) {
  const timeScale = timeScaleOf(variant)
  for (const program of cleanPrograms(variant)) {
    const cases = program === 'suite' ? ['--only', options.only] : []
    const { failed, output } = await runProgram({ variant, addon, program, backend, timeScale, cases })
    const summary = output.match(/^.*(?:\d+ passed, \d+ failed|points in a round).*$/m)?.[0] ?? 'no summary'
    judge(`${variant} ${backend}: ${program} (${summary}; ${seconds()})`, !failed, output)
  }
}

/** Those of the seeded faults, too, so that it is the fault that fails them. */
function cleanPrograms(variant) {
  if (variant.startsWith('inject')) return ['injection']
  return variant === 'guard' ? ['suite', 'in-flight'] : ['suite']
}

async function seededRun(fault, addon, backend) {
  const { program, cases } = seeded[fault]
  const { variant } = faults[fault]
  return runProgram({ variant, addon, program, backend, timeScale: timeScaleOf(variant), cases })
}

/** The fault has to fail its run, and by its own report. */
async function faultIsSeen(fault, addon, backend) {
  const { failed, output } = await seededRun(fault, addon, backend)
  const seen = failed && seeded[fault].expected.test(output)
  const verdict = seen ? 'fails' : 'does not fail'
  judge(
    `${faults[fault].variant} ${backend}: the seeded fault ${fault} ${verdict} the run (${seconds()})`,
    seen,
    output,
  )
}

async function showFault(fault) {
  const variant = faults[fault]?.variant ?? 'release'
  checkNames(variant, fault)
  const addon = buildAddon(variant, fault)
  const [backend] = backEnds(variant, addon)
  const { failed, output } = await seededRun(fault, addon, backend)
  judge(`${variant} ${backend}: with the seeded fault ${fault}`, !failed, output)
}

/** Every variant over every back end; then every fault that one of them has to notice. */
async function runAll() {
  let works = []
  for (const variant of options.variant) {
    const addon = buildAddon(variant)
    works = backEnds(variant, addon)
    await Promise.all(works.map((backend) => cleanRun(variant, addon, backend)))
    if (variant === 'inject') judge('every allocation is one that can be made to fail', ...checkAllocations())
  }
  if (options.clean) return
  for (const fault of Object.keys(seeded).filter((name) => options.variant.includes(faults[name].variant))) {
    const addon = buildAddon(faults[fault].variant, fault)
    const over = seeded[fault].everyBackEnd ? works : works.slice(-1)
    await Promise.all(over.map((backend) => faultIsSeen(fault, addon, backend)))
  }
}

await bundlePrograms()
if (options['seed-fault'] === undefined) await runAll()
else await showFault(options['seed-fault'])
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed in ${seconds()}\n`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
