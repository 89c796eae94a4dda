import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, ending, run, start, until } from './processes.ts'
import type { Programs } from './programs.ts'
import type { Runtime } from './runtimes.ts'

export interface Outcome {
  readonly passed: boolean
  /** For the table: `174 passed, 3 skipped`. */
  readonly says: string
  /** The output, if it explains a failure. */
  readonly output: string
}

/** Stretches the limits of the suite's cases: a machine may be busy, and an emulator is slow. */
const timeScale = '10'

/** The whole suite of the core's contract; a case that is expected to fail but passes is a failure. */
export async function runSuite(
  runtime: Runtime,
  { suite }: Programs,
  backend: string,
  environment: Environment,
): Promise<Outcome> {
  const { code, output } = await run(runtime, [suite, backend, '--time-scale', timeScale], environment)
  const [summary, , failed] = /(\d+) passed, (\d+) failed, \d+ skipped/.exec(output) ?? []
  if (summary === undefined) return { passed: false, says: `no summary, and the code ${code}`, output }
  const rows = output.split('\n').filter((row) => /^failed|Error/.test(row))
  return { passed: code === 0 && failed === '0', says: summary, output: rows.join('\n') }
}

/** README's program prints what README shows. */
export async function runReadme(
  runtime: Runtime,
  { thermostat, thermostatPrints }: Programs,
  backend: string,
  environment: Environment,
): Promise<Outcome> {
  const { code, output } = await run(runtime, [thermostat], { ...environment, FRAMEPORT_BACKEND: backend })
  const passed = code === 0 && output.includes(thermostatPrints)
  return { passed, says: passed ? 'prints what README says' : 'prints something else', output }
}

/** Two clients, one of which receives the other's lines through a server; all three in this runtime. The page is built by esbuild, which is not tested. */
export async function runChat(
  runtime: Runtime,
  { chatServer, chat }: Programs,
  backend: string,
  environment: Environment,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-chat-'))
  const own = { ...environment, FRAMEPORT_BACKEND: backend }
  const server = start(runtime, [chatServer, '--port', '0', '--no-page'], own)
  const ended = ending(server)
  try {
    const printed = await until(server, /listening on tcp:\/\/[^ ]*:(\d+) \(backend (\w+)\)/)
    const [, port = '', chosen] = printed
    const script = (name: string, rows: readonly string[]) => {
      const file = join(folder, name)
      writeFileSync(file, `${rows.join('\n')}\n`)
      return run(runtime, [chat, '--port', port, '--name', name, '--script', file], own)
    }
    const [ann, bob] = await Promise.all([
      script('ann', ['/expect bob is here', 'hello from ann', '/expect hello from bob']),
      script('bob', ['/expect ann', 'bob is here', '/expect hello from ann', 'hello from bob']),
    ])
    const passed = chosen === backend && ann.code === 0 && bob.code === 0
    return { passed, says: passed ? 'two people hear each other' : 'fails', output: ann.output + bob.output }
  } catch (error) {
    return { passed: false, says: 'fails', output: String(error) }
  } finally {
    server.kill()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}
