import { backEnds } from '../back-ends.ts'
import type { BackendName } from '../contract/backend-note.ts'
import { readCommandLine, usage } from './command-line.ts'
import { examineAll, lookAround } from './examination.ts'
import { jsonOf } from './json.ts'
import { findingsText, surroundingsText, verdict } from './report.ts'
import { seccompProfile } from './seccomp-profile.ts'

const say = (text: string) => process.stdout.write(text)
const sayJson = (value: unknown) => say(`${JSON.stringify(value, undefined, 2)}\n`)

/** Returns the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  const names = backEnds.map(({ backend }) => backend)
  const options = readCommandLine(argv, names)
  if ('problem' in options) {
    process.stderr.write(`${options.problem}\n\n${usage}`)
    return 2
  }
  if (options.help) say(usage)
  else if (options.seccompProfile) sayJson(seccompProfile())
  else return examine(options.json, options.require)
  return 0
}

async function examine(json: boolean, required: BackendName | undefined): Promise<number> {
  const surroundings = lookAround()
  // Printed before anything is tried: if a filter kills the process for a forbidden call, this part is still visible.
  if (!json) say(surroundingsText(surroundings))
  const findings = await examineAll(backEnds, required)
  const { ok, sentence } = verdict(findings, required)
  if (json) sayJson(jsonOf(surroundings, findings, { ok, required }))
  else say(`${findingsText(findings)}${sentence}\n`)
  return ok ? 0 : 1
}

// A reader of only the first lines (head) closes the pipe, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await run(process.argv.slice(2))
