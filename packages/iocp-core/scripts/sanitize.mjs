// Runs the conformance suite over addons built with AddressSanitizer (with LeakSanitizer and
// UndefinedBehaviorSanitizer), with ThreadSanitizer, and with guard pages around what the kernel reads and writes; and
// lets every call fail that can. Then it seeds faults and requires that each fails its run: a sanitizer that sees
// nothing would look like clean code.
//   node sanitize.mjs [--variant NAME]… [--backend NAME]… [--require NAME]… [--only TEXT] [--time-scale N] [--clean]
//   node sanitize.mjs --seed-fault NAME     shows the fault as a failure, the way a real one would be
// --require: a back end that does not work here is a failure then, and is left out with its reason otherwise.
// --clean: without the seeded faults.
import { parseArgs } from 'node:util'
import { faults } from './addon-variants.mjs'
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

async function cleanRun(variant, addon, backend) {
  const program = variant.startsWith('inject') ? 'injection' : 'suite'
  const cases = program === 'suite' ? ['--only', options.only] : []
  const result = await runProgram({
    variant,
    addon,
    program,
    backend,
    timeScale: options['time-scale'],
    cases,
  })
  const summary =
    result.output.match(/^.*(?:\d+ passed, \d+ failed|points in a round).*$/m)?.[0] ?? 'no summary'
  judge(`${variant} ${backend}: ${program} (${summary}; ${seconds()})`, !result.failed, result.output)
}

async function seededRun(fault, backend, wanted) {
  const { program, cases, expected } = seeded[fault]
  const { variant } = faults[fault]
  const addon = buildAddon(variant, fault)
  const timeScale = options['time-scale']
  const { failed, output } = await runProgram({ variant, addon, program, backend, timeScale, cases })
  const seen = failed && expected.test(output)
  const name = `${variant} ${backend}: the seeded fault ${fault}`
  if (wanted === 'seen')
    judge(`${name} ${seen ? 'fails' : 'does not fail'} the run (${seconds()})`, seen, output)
  else judge(name, !failed, output)
}

await bundlePrograms()
const fault = options['seed-fault']
if (fault !== undefined) {
  const addon = buildAddon(faults[fault].variant, fault)
  await seededRun(fault, backEnds(faults[fault].variant, addon)[0], 'failure')
} else {
  let works = []
  for (const variant of options.variant) {
    const addon = buildAddon(variant)
    works = backEnds(variant, addon)
    for (const backend of works) await cleanRun(variant, addon, backend)
    if (variant === 'inject') judge('every allocation is one that can be made to fail', ...checkAllocations())
  }
  for (const name of options.clean ? [] : Object.keys(seeded)) {
    if (!options.variant.includes(faults[name].variant)) continue
    for (const backend of seeded[name].everyBackEnd ? works : works.slice(-1))
      await seededRun(name, backend, 'seen')
  }
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed in ${seconds()}\n`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
