import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { repositoryRoot } from './repository.ts'
import { type Stage, stages } from './verify/stages.ts'

const usage = `npm run verify:full -- [options]

  --list         print the stages with what CI does of each, and run nothing
  --only TEXT    only the stages whose name contains the text; may be given several times

Runs whole what CI only samples. The exit code is 1 when a stage failed; the stages behind it run all the same.
`

interface Outcome {
  readonly stage: Stage
  readonly passed: boolean
  readonly seconds: number
}

/** The stages whose name contains one of the texts; all of them if there is no text. */
export function chosenStages(texts: readonly string[]): readonly Stage[] {
  const isChosen = ({ name }: Stage) => texts.length === 0 || texts.some((text) => name.includes(text))
  return stages.filter(isChosen)
}

async function run(stage: Stage): Promise<Outcome> {
  process.stdout.write(`\n=== ${stage.name}\n`)
  const started = performance.now()
  const { failed } = await execa(stage.command, {
    cwd: repositoryRoot,
    shell: true,
    stdio: 'inherit',
    reject: false,
  })
  return { stage, passed: !failed, seconds: (performance.now() - started) / 1000 }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  })
  const chosen = chosenStages(values.only)
  if (values.help) process.stdout.write(usage)
  else if (chosen.length === 0) throw new RangeError(`no stage has ${values.only.join(' or ')} in its name`)
  else if (values.list)
    for (const { name, command, inCi } of chosen)
      process.stdout.write(`${name}\n  ${command}\n  CI: ${inCi}\n`)
  else await runAll(chosen)
}

async function runAll(chosen: readonly Stage[]): Promise<void> {
  const outcomes: Outcome[] = []
  for (const stage of chosen) outcomes.push(await run(stage))
  process.stdout.write('\n=== time by stage\n')
  for (const { stage, passed, seconds } of outcomes) {
    const time = `${Math.round(seconds)} s`.padStart(7)
    process.stdout.write(`${time}  ${passed ? 'passed' : 'FAILED'}  ${stage.name}\n`)
  }
  if (outcomes.some(({ passed }) => !passed)) process.exitCode = 1
}

if (process.argv[1] === join(repositoryRoot, 'tools/src/verify-full.ts')) await main()
