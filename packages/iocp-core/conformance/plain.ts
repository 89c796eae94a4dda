import { type BackendName, probe } from '../src/index.ts'
import { conformanceCases } from './conformance-cases.ts'
import { runCase } from './run-case.ts'
import { skips } from './skips.ts'

/*
 * The suite without a test runner: node … conformance/plain.ts [BACKEND…] [--only TEXT] [--time-scale N]
 * Without a name every available back end is run. Exit code 1 when a case failed.
 */
const names: string[] = []
let only = ''
let timeScale = 1
const given = process.argv.slice(2)
for (let argument = given.shift(); argument !== undefined; argument = given.shift()) {
  if (argument === '--only') only = given.shift() ?? ''
  else if (argument === '--time-scale') timeScale = Number(given.shift())
  else names.push(argument)
}

const known = probe()
const unknown = names.filter((name) => !known.some(({ backend }) => backend === name))
if (unknown.length > 0 || !(timeScale > 0)) {
  process.stderr.write(
    `usage: plain.ts [${known.map(({ backend }) => backend).join('|')}]… [--only TEXT] [--time-scale N]\n`,
  )
  process.exit(2)
}
const available = known.filter(({ available }) => available).map(({ backend }) => backend)
const backends = names.length > 0 ? (names as BackendName[]) : available

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const backend of backends) {
  for (const conformanceCase of conformanceCases) {
    if (!conformanceCase.name.includes(only)) continue
    const started = performance.now()
    const result = await runCase(conformanceCase, backend, skips[backend], timeScale)
    counts[result.status]++
    const took = `${Math.round(performance.now() - started)} ms`
    const note = result.status === 'skipped' ? result.reason : took
    process.stdout.write(`${result.status} ${backend}: ${conformanceCase.name} (${note})\n`)
    if (result.status === 'failed') process.stdout.write(`${describe(result.error)}\n`)
  }
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
// A number of zero cases is no success: a filter that matches nothing must not look like one.
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
