// Runs the conformance suite over addons built with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer,
// and over one whose queued sends lie between guard pages. Then it seeds faults and requires that each fails the run:
// a sanitizer that sees nothing would look like clean code.
//   node sanitize.mjs [--seed-fault NAME] [--only TEXT] [--time-scale N]
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundleFolder = join(packageFolder, 'build', 'conformance')
const compiler = process.env.CXX ?? 'g++'
const { values: options } = parseArgs({
  options: {
    'seed-fault': { type: 'string' },
    only: { type: 'string', default: '' },
    'time-scale': { type: 'string', default: '6' },
  },
})

/** Cases that fill send queues: enough for a fault in their memory to show, and short. */
const faultCases = 'reset with a large send'
/** What has to be in the report: a run that fails for another reason has shown nothing. */
const faults = {
  'use-after-free': /AddressSanitizer: heap-use-after-free/,
  'heap-overflow': /AddressSanitizer: heap-buffer-overflow/,
  'signed-overflow': /runtime error: signed integer overflow/,
  leak: /LeakSanitizer: detected memory leaks/,
}

/** The suite as plain JavaScript, and its child programs under the names that the suite starts. */
async function bundle() {
  const fromTsx = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))
  const { build } = fromTsx('esbuild')
  const common = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@frameport/source'],
    logLevel: 'error',
  }
  const source = join(packageFolder, 'conformance')
  await build({
    ...common,
    entryPoints: [join(source, 'plain.ts')],
    outfile: join(bundleFolder, 'cases', 'plain.mjs'),
  })
  for (const child of readdirSync(join(source, 'children'))) {
    const outfile = join(bundleFolder, 'children', child)
    await build({ ...common, entryPoints: [join(source, 'children', child)], outfile })
  }
}

function buildAddon(variant, fault) {
  const script = join(packageFolder, 'scripts', 'build-addon.mjs')
  const faultArguments = fault === undefined ? [] : ['--seed-fault', fault]
  execFileSync(process.execPath, [script, '--variant', variant, ...faultArguments], { stdio: 'inherit' })
  const suffix = fault === undefined ? variant : `${variant}-${fault}`
  return join(packageFolder, 'build', `${process.platform}-${process.arch}-${suffix}`, 'frameport.node')
}

function library(name) {
  return realpathSync(execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim())
}

/** Node itself is not instrumented, so the sanitizer's library has to be there before it starts. */
function environment(variant, addon) {
  const plain = { ...process.env, FRAMEPORT_ADDON: addon }
  if (variant !== 'asan') return plain
  const suppressions = join(packageFolder, 'scripts', 'leaks-of-node.txt')
  return {
    ...plain,
    LD_PRELOAD: [library('libasan.so'), library('libstdc++.so.6')].join(' '),
    ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=66:detect_stack_use_after_return=1',
    LSAN_OPTIONS: `suppressions=${suppressions}:print_suppressions=0`,
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=66',
  }
}

function run(variant, addon, only) {
  const program = join(bundleFolder, 'cases', 'plain.mjs')
  const command = [program, 'epoll', '--time-scale', options['time-scale'], '--only', only]
  const child = spawn(process.execPath, command, {
    cwd: packageFolder,
    env: environment(variant, addon),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

const counts = { passed: 0, failed: 0 }

function judge(name, good, output) {
  counts[good ? 'passed' : 'failed']++
  process.stdout.write(`${good ? 'passed' : 'failed'} ${name}\n`)
  if (!good) process.stdout.write(`${output.split('\n').slice(-80).join('\n')}\n`)
}

async function cleanRun(variant) {
  const { code, output } = await run(variant, buildAddon(variant), options.only)
  const summary = output.match(/^\d+ passed, \d+ failed.*$/m)?.[0] ?? 'no summary'
  judge(`${variant}: the suite (${summary})`, code === 0, output)
}

async function seededRun(fault) {
  const expected = faults[fault]
  if (expected === undefined)
    throw new Error(`--seed-fault is ${fault}, none of ${Object.keys(faults).join(', ')}`)
  const { code, output } = await run('asan', buildAddon('asan', fault), faultCases)
  const seen = code !== 0 && expected.test(output)
  judge(`asan: the seeded fault ${fault} ${seen ? 'fails' : 'does not fail'} the run`, seen, output)
}

mkdirSync(bundleFolder, { recursive: true })
await bundle()
if (options['seed-fault'] === undefined) {
  await cleanRun('asan')
  await cleanRun('guard')
  for (const fault of Object.keys(faults)) await seededRun(fault)
} else {
  // Shows the fault as a failure, the way a real one would be: for seeing that the command can fail.
  const { code, output } = await run('asan', buildAddon('asan', options['seed-fault']), faultCases)
  judge(`asan: the suite with the seeded fault ${options['seed-fault']}`, code === 0, output)
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
process.exitCode = counts.failed > 0 ? 1 : 0
