// Lines of the native sources that the conformance suite, the injection of failures and the fuzzer reach together.
//   node coverage.mjs [--steps N] [--least PERCENT] [--lines] [--keep]
// --steps: of the fuzzer over each back end. --lines: lists every line that nothing reaches. --keep: only the fuzzer
// runs, and adds to what the last whole run has counted, for the same sources.
// What stays unreached is explained in fuzz/uncovered.md, which names files: a file with unreached lines that is not
// named there fails the command, as does a total under --least.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { nativeFolder, packageFolder } from './addon-variants.mjs'
import { buildFuzzer } from './fuzz/build.mjs'
import { bundlePrograms } from './sanitize/programs.mjs'
import { buildAddon, runProgram } from './sanitize/run.mjs'

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    least: { type: 'string', default: '90' },
    lines: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

/** Whatever this system's addon ships: all of native/ but what is for tests, and for systems without a back end. */
const measured = /^(?!\.\.|variants\/|backends\/unsupported\/)/
const backends = ['epoll', 'io_uring']

function dataUnder(folder, ending) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return dataUnder(path, ending)
    return entry.name.endsWith(ending) ? [path] : []
  })
}

/** Counts of each line, by file relative to native/: `Map<file, Map<line, count>>`. */
function addCounts(counts, objectFolder) {
  for (const data of dataUnder(objectFolder, '.gcda')) {
    const output = execFileSync('gcov', ['--json-format', '--stdout', data], {
      cwd: objectFolder,
      maxBuffer: 1 << 30,
      encoding: 'utf8',
    })
    for (const text of output.split('\n').filter((line) => line.startsWith('{'))) {
      const { files, current_working_directory: folder } = JSON.parse(text)
      for (const { file, lines } of files) {
        const name = relative(nativeFolder, join(file.startsWith('/') ? '' : folder, file))
        if (!measured.test(name)) continue
        const ofFile = counts.get(name) ?? new Map()
        counts.set(name, ofFile)
        for (const { line_number: line, count } of lines) ofFile.set(line, (ofFile.get(line) ?? 0) + count)
      }
    }
  }
}

async function runSuites() {
  await bundlePrograms()
  for (const [variant, program] of [
    ['coverage', 'suite'],
    ['coverage-inject', 'injection'],
  ]) {
    const addon = buildAddon(variant)
    for (const backend of backends) {
      const { failed, output } = await runProgram({
        variant,
        addon,
        program,
        backend,
        timeScale: '3',
        cases: [],
      })
      const summary = output.match(/^.*(?:\d+ passed, \d+ failed|points in a round).*$/m)?.[0] ?? 'no summary'
      process.stdout.write(`${variant} ${backend}: ${program} ${failed ? 'failed' : 'passed'} (${summary})\n`)
      if (failed) process.stdout.write(`${output.split('\n').slice(-60).join('\n')}\n`)
      if (failed) process.exitCode = 1
    }
  }
}

async function runFuzzer() {
  const { program } = await buildFuzzer('coverage')
  for (const backend of backends) {
    const run = spawnSync(program, ['--backend', backend, '--steps', options.steps], { encoding: 'utf8' })
    process.stdout.write(`${run.stdout}${run.stderr}`)
    if (run.status !== 0) process.exitCode = 1
  }
}

function ranges(lines) {
  const found = []
  for (const line of lines) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === line - 1) last[1] = line
    else found.push([line, line])
  }
  return found.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}

function showLines(name, lines) {
  const text = readFileSync(join(nativeFolder, name), 'utf8').split('\n')
  for (const line of lines) process.stdout.write(`    ${name}:${line}: ${text[line - 1].trim()}\n`)
}

/** Returns the share of lines that are reached, in percent. */
function report(counts) {
  const explained = readFileSync(join(packageFolder, 'fuzz', 'uncovered.md'), 'utf8')
  let all = 0
  let reached = 0
  const withLines = [...counts].filter(([, ofFile]) => ofFile.size > 0)
  for (const [name, ofFile] of withLines.sort(([one], [other]) => one.localeCompare(other))) {
    const missed = [...ofFile].filter(([, count]) => count === 0).map(([line]) => line)
    all += ofFile.size
    reached += ofFile.size - missed.length
    const share = ((100 * (ofFile.size - missed.length)) / ofFile.size).toFixed(1)
    const where =
      missed.length === 0 ? '' : `  unreached: ${ranges(missed.sort((one, other) => one - other))}`
    process.stdout.write(
      `${name.padEnd(40)} ${String(ofFile.size).padStart(5)} lines ${share.padStart(6)} %${where}\n`,
    )
    if (options.lines) showLines(name, missed)
    if (missed.length > 0 && !explained.includes(`/native/${name}\``)) {
      process.stdout.write(`failed: fuzz/uncovered.md does not explain the unreached lines of ${name}\n`)
      process.exitCode = 1
    }
  }
  const total = (100 * reached) / all
  process.stdout.write(`total ${reached} of ${all} lines, ${total.toFixed(1)} %\n`)
  return total
}

const folders = [
  ...['coverage', 'coverage-inject'].map((name) => join(packageFolder, 'build', 'objects', name)),
  join(packageFolder, 'build', 'fuzz', 'coverage', 'objects'),
]
/** What earlier runs counted belongs to sources that may have changed since. */
function forget() {
  for (const folder of folders.filter((path) => existsSync(path))) {
    for (const data of dataUnder(folder, '.gcda')) rmSync(data)
  }
}

if (!options.keep) {
  forget()
  await runSuites()
}
await runFuzzer()
const counts = new Map()
for (const folder of folders) addCounts(counts, folder)
if (report(counts) < Number(options.least)) process.exitCode = 1
