// Compiles the addon for Windows and runs the conformance suite in the real Node for Windows, under Wine on Linux,
// over `iocp` and over `net`; then programs of test/windows about workers, threads and exits. Wine is not Windows: what
// passes here is the code against Wine's sockets and completion ports, and speed says nothing at all.
//   node test-windows.mjs [--backend NAME]… [--only TEXT] [--time-scale N] [--time-limit SECONDS] [--addon FILE]
//   node test-windows.mjs --program FILE [--addon FILE] [--time-limit SECONDS] [-- ARGUMENT…]   one program instead of all that
//   node test-windows.mjs --injection   instead of all that: every call of iocp that can fail does so, one after another;
//     then programs about single calls that fail, what is asked of Windows, and the ways to end
//   node test-windows.mjs --injection --programs-only   these programs alone
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packageFolder } from './addon-variants.mjs'
import { bundlePrograms, programs as suitePrograms } from './sanitize/programs.mjs'
import { bundleProgram } from './windows/bundle.mjs'
import { buildDelayLoadCheck } from './windows/delay-load.mjs'
import { echoAcrossSystems } from './windows/echo.mjs'
import { missing, Wine, windowsPath } from './windows/wine.mjs'

const bundleFolder = join(packageFolder, 'build', 'windows-tests')
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', multiple: true, default: ['iocp', 'net'] },
    only: { type: 'string', default: '' },
    'time-scale': { type: 'string', default: '2' },
    addon: { type: 'string' },
    program: { type: 'string' },
    injection: { type: 'boolean', default: false },
    'programs-only': { type: 'boolean', default: false },
    'time-limit': { type: 'string', default: '900' },
  },
})
/** For a suite, or for the one program. */
const suiteTimeoutMs = Number(options['time-limit']) * 1000
const programTimeoutMs = 400_000
const injectionTimeoutMs = 900_000

/** What each program of test/windows must end with. */
const programs = [
  { name: 'many-workers', status: 0, says: /^order held with [2-4] workers$/m },
  { name: 'terminate-workers', status: 0, says: /^terminated 40$/m },
  { name: 'exit-under-load', status: 23, says: /^exiting$/m },
  { name: 'delay-load', status: 0, says: /^program\s+library\s+program$/m, prepare: buildDelayLoadCheck },
  { name: 'refusals', status: 0, says: /^refused as told$/m },
  { name: 'doctor', status: 0, says: /^iocp, the best back end for this system, works\.$/m },
]

/** The same over an addon whose calls can be made to fail. */
const injectionPrograms = [
  { name: 'forced-failures', status: 0, says: /^11 held, 0 did not$/m },
  { name: 'asked-of-windows', status: 0, says: /^8 held, 0 did not$/m },
  {
    name: 'ways-to-end',
    status: 0,
    says: /^process\.exit of the main thread, ports open at exit: 1\s+an event loop that runs empty, ports open at exit: 0\s+process\.exit of a worker thread, ports open at exit: 0\s+a worker thread that is terminated, ports open at exit: 0$/m,
  },
]

const counts = { passed: 0, failed: 0, skipped: 0 }
const say = (text) => process.stdout.write(`${text}\n`)

function judge(name, problem) {
  counts[problem === undefined ? 'passed' : 'failed']++
  say(problem === undefined ? `passed ${name}` : `failed ${name}: ${problem}`)
}

function addonFile() {
  if (options.addon !== undefined) return resolve(options.addon)
  const [variant, folder] = options.injection ? ['inject', 'win32-x64-inject'] : ['release', 'win32-x64']
  const script = join(packageFolder, 'scripts', 'build-windows.mjs')
  execFileSync(process.execPath, [script, '--variant', variant], { stdio: 'inherit' })
  return join(packageFolder, 'build', folder, 'frameport.node')
}

async function runSuite(wine, environment, backend) {
  say(`\n--- the conformance suite over ${backend} in Node for Windows under Wine (Wine is not Windows)`)
  const words = [backend, '--time-scale', options['time-scale'], '--only', options.only]
  const ended = await wine.run(suitePrograms.suite, words, { environment, timeoutMs: suiteTimeoutMs })
  const [, passed, failed, skipped] = ended.output.match(/^(\d+) passed, (\d+) failed, (\d+) skipped$/m) ?? []
  for (const [name, count] of Object.entries({ passed, failed, skipped })) counts[name] += Number(count ?? 0)
  // A suite that never came to its summary, or that ran nothing, is no success.
  if (passed === undefined) judge(`${backend}: the suite`, `no summary, ${describe(ended)}`)
  else if (Number(passed) === 0) judge(`${backend}: the suite`, 'no case passed')
  else if ((ended.status === 0) !== (Number(failed) === 0)) judge(`${backend}: the suite`, describe(ended))
}

async function runInjection(wine, environment) {
  say('\n--- every call of iocp that can fail, failing in its turn')
  const words = ['iocp', '--time-scale', options['time-scale']]
  const ended = await wine.run(suitePrograms.injection, words, { environment, timeoutMs: injectionTimeoutMs })
  const clean = ended.status === 0 && /^iocp: 0 broken rules$/m.test(ended.output)
  judge('iocp: no failing call breaks a rule', clean ? undefined : describe(ended))
}

async function runProgram(wine, environment, { name, status, says, prepare }) {
  const bundle = await bundleProgram(join(packageFolder, 'test', 'windows', `${name}.ts`), bundleFolder)
  const words = prepare === undefined ? [] : prepare(join(bundleFolder, name))
  const ended = await wine.run(bundle, words, { environment, timeoutMs: programTimeoutMs })
  const right = ended.status === status && says.test(ended.output)
  judge(`iocp: ${name}`, right ? undefined : describe(ended))
}

function describe({ status, signal, timedOut, error }) {
  return `status ${status}, signal ${signal ?? 'none'}${timedOut ? ', out of time' : ''}${error ? `, ${error}` : ''}`
}

async function main() {
  const lack = missing()
  if (lack !== undefined) {
    process.stderr.write(`test:windows needs a cross compiler and Wine. ${lack}\n`)
    process.exitCode = 1
    return
  }
  const wine = new Wine(join(packageFolder, 'build', 'wine'))
  const environment = { FRAMEPORT_ADDON: windowsPath(addonFile()), FRAMEPORT_CONFORMANCE_WINE: '1' }
  wine.prepare()
  try {
    if (options.program !== undefined) {
      const program = options.program.endsWith('.ts')
        ? await bundleProgram(resolve(options.program), bundleFolder)
        : resolve(options.program)
      const ended = await wine.run(program, positionals, { environment, timeoutMs: suiteTimeoutMs })
      if (ended.status !== 0) say(describe(ended))
      process.exitCode = ended.status ?? 1
      return
    }
    await bundlePrograms()
    if (options.injection) {
      if (!options['programs-only']) await runInjection(wine, environment)
      say('\n--- programs over iocp with calls that fail')
      for (const program of injectionPrograms) await runProgram(wine, environment, program)
    }
    for (const backend of options.injection ? [] : options.backend) await runSuite(wine, environment, backend)
    if (!options.injection && options.only === '' && options.backend.includes('iocp')) {
      say('\n--- programs over iocp')
      for (const program of programs) await runProgram(wine, environment, program)
      const { code, output } = await echoAcrossSystems(wine, environment, bundleFolder)
      say(`the echo client on Linux says: ${output}`)
      judge(
        'iocp: an echo server in Wine serves a client on Linux',
        code === 0 ? undefined : `status ${code}`,
      )
    }
  } finally {
    wine.close()
  }
  say(`\nNode for Windows under Wine (Wine is not Windows):`)
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
}

await main()
