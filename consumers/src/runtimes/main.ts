import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Environment, type Outcome, runChat, runReadme, runSuite } from './checks.ts'
import { makePrograms, type Programs, root } from './programs.ts'
import { bringRuntime, type Runtime, runtimeNames } from './runtimes.ts'

const backends = ['net', 'epoll', 'io_uring']
const usage = `npm run test:runtimes -- [options]

  --runtime NAME   only this runtime (${runtimeNames.join(', ')}); may be given several times
  --backend NAME   only this back end (${backends.join(', ')}); may be given several times

Runs the suite of the core's contract, README's program and the chat in each runtime, over each back end. Brings the versions
of Node.js from npm, into the folder that FRAMEPORT_RUNTIMES_CACHE names.
`

const { values } = parseArgs({
  options: {
    runtime: { type: 'string', multiple: true, default: [...runtimeNames] },
    backend: { type: 'string', multiple: true, default: backends },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else await main(values.runtime, values.backend)

async function main(names: readonly string[], chosen: readonly string[]): Promise<void> {
  const unknown = [
    ...names.filter((name) => !runtimeNames.includes(name)),
    ...chosen.filter((name) => !backends.includes(name)),
  ]
  if (unknown.length > 0) throw new RangeError(`there is no ${unknown.join(', ')}: see --help`)
  const programs = await makePrograms()
  let failed = 0
  for (const name of names) {
    const runtime = bringRuntime(name)
    const environment = { ...runtime.environment, FRAMEPORT_ADDON: addonFor(runtime) }
    for (const backend of chosen.filter((one) => runtime.backends.includes(one)))
      failed += await check(runtime, backend, programs, environment)
  }
  if (failed > 0) process.exitCode = 1
}

/** Builds what is published for it. */
function addonFor({ target }: Runtime): string {
  const core = join(root, 'packages/iocp-core')
  execFileSync(process.execPath, [join(core, 'scripts/build-addon.mjs'), '--target', target])
  return join(core, 'build/prebuilt', target, 'frameport.node')
}

async function check(
  runtime: Runtime,
  backend: string,
  programs: Programs,
  environment: Environment,
): Promise<number> {
  const checks = { suite: runSuite, README: runReadme, chat: runChat }
  let failed = 0
  for (const [what, how] of Object.entries(checks)) {
    const { passed, says, output }: Outcome = await how(runtime, programs, backend, environment)
    process.stdout.write(`${runtime.name} ${runtime.version}, ${backend}, ${what}: ${says}\n`)
    if (passed) continue
    failed += 1
    process.stderr.write(`${output}\n`)
  }
  return failed
}
