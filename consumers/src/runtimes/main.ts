import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type RuntimeResult, recordRuntime } from '../record.ts'
import { type Outcome, runChat, runReadme, runSuite } from './checks.ts'
import type { Environment } from './processes.ts'
import { makePrograms, type Programs, root } from './programs.ts'
import { bringRuntime, type Runtime, runtimeNamed, runtimeNames } from './runtimes.ts'

const backends = ['net', 'epoll', 'io_uring']
const usage = `npm run test:runtimes -- [options]

  --runtime NAME   only this runtime (${runtimeNames.join(', ')}), or the one of its line (node-26); may be given several times
  --backend NAME   only this back end (${backends.join(', ')}); may be given several times
  --record         write what passed into consumers/results.json, of which the tables of docs/platforms.md are made, and take out what did not

Runs the suite of the core's contract, README's program and the chat in each runtime, over each back end. Brings the versions
of Node.js from npm, into the folder that FRAMEPORT_RUNTIMES_CACHE names.
`

const { values } = parseArgs({
  options: {
    runtime: { type: 'string', multiple: true, default: [...runtimeNames] },
    backend: { type: 'string', multiple: true, default: backends },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else await main(values.runtime, values.backend)

async function main(asked: readonly string[], chosen: readonly string[]): Promise<void> {
  const names = asked.map((name) => runtimeNamed(name) ?? name)
  const unknown = [
    ...names.filter((name) => !runtimeNames.includes(name)),
    ...chosen.filter((name) => !backends.includes(name)),
  ]
  if (unknown.length > 0) throw new RangeError(`there is no ${unknown.join(', ')}: see --help`)
  const programs = await makePrograms()
  for (const name of names) {
    const runtime = bringRuntime(name)
    const environment = { ...runtime.environment, FRAMEPORT_ADDON: addonFor(runtime) }
    for (const backend of chosen.filter((one) => runtime.backends.includes(one))) {
      const result = await check(runtime, backend, programs, environment)
      if (result === undefined) process.exitCode = 1
      if (values.record) recordRuntime(labelOf(runtime), backend, result)
    }
  }
}

function labelOf({ name, version }: Runtime): string {
  return `${name} ${version}`
}

/** Builds the published files for it. */
function addonFor({ target }: Runtime): string {
  const core = join(root, 'packages/iocp-core')
  execFileSync(process.execPath, [join(core, 'scripts/build-addon.mjs'), '--target', target])
  return join(core, 'build/prebuilt', target, 'frameport.node')
}

/** The passed tests; undefined, after a report, if one failed. */
async function check(
  runtime: Runtime,
  backend: string,
  programs: Programs,
  environment: Environment,
): Promise<RuntimeResult | undefined> {
  const label = labelOf(runtime)
  let allPassed = true
  const told = async (what: string, outcome: Promise<Outcome>) => {
    const { passed, says, output } = await outcome
    process.stdout.write(`${label}, ${backend}, ${what}: ${says}\n`)
    if (!passed) process.stderr.write(`${output}\n`)
    allPassed &&= passed
    return says
  }
  const suite = await told('suite', runSuite(runtime, programs, backend, environment))
  const readme = await told('README', runReadme(runtime, programs, backend, environment))
  const chat = await told('chat', runChat(runtime, programs, backend, environment))
  return allPassed ? { runtime: label, backend, suite, readme, chat } : undefined
}
