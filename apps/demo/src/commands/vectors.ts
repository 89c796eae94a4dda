import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { runVector } from './vectors/run-vector.ts'
import { readCase } from './vectors/vector-case.ts'

interface Tally {
  passed: number
  failed: number
  skipped: number
  unreadable: number
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The entries of a file, or a sentence that says why it has none. */
function readEntries(file: string): readonly unknown[] | string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      return `${file}: there is no such file. Give the path of a JSON file of framing vectors.`
    if (code === 'EISDIR')
      return `${file}: this is a folder. Give the files in it, for example ${file}/*.json.`
    return `${file}: cannot be read (${code ?? (error as Error).message}).`
  }
  try {
    const entries: unknown = JSON.parse(text)
    if (Array.isArray(entries)) return entries
    return `${file}: this is JSON, but not a list of cases: it must begin with [ and hold one object for each case.`
  } catch (error) {
    return `${file}: this is not JSON (${(error as Error).message}).`
  }
}

async function runFile(file: string, entries: readonly unknown[], tally: Tally): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    const read = readCase(entry, index)
    if (read.kind === 'skip') {
      tally.skipped += 1
      say(`skip  ${file}: ${read.name}: ${read.reason}`)
      continue
    }
    const problem =
      read.kind === 'malformed' ? `the case is malformed: ${read.reason}` : await problemOf(read.vector)
    if (problem === undefined) tally.passed += 1
    else {
      tally.failed += 1
      say(`FAIL  ${file}: ${read.name}: ${problem}`)
    }
  }
}

/** An error that is not a FramingError fails its case; the other cases still run. */
async function problemOf(vector: Parameters<typeof runVector>[0]): Promise<string | undefined> {
  try {
    return await runVector(vector)
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

async function main(files: readonly string[]): Promise<void> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, unreadable: 0 }
  for (const file of files) {
    const entries = readEntries(file)
    if (typeof entries === 'string') {
      tally.unreadable += 1
      process.stderr.write(`${entries}\n`)
    } else await runFile(file, entries, tally)
  }
  if (tally.unreadable < files.length) {
    say(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`)
  }
  process.exitCode = tally.unreadable > 0 ? 2 : tally.failed > 0 ? 1 : 0
}

await new Command('vectors')
  .description('Run public framing cases through the codec')
  .argument('<file...>', 'JSON files of framing cases, as in packages/framing/test/data/vectors')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(main)
  .parseAsync()
