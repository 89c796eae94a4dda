import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, patient } from './patience.ts'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'consumers/build/programs')

/** The programs for every runtime, as plain JavaScript: most of them read no TypeScript, or follow other rules for it. */
export interface Programs {
  /** Takes the name of a back end. */
  readonly suite: string
  /** README's complete program, and its output. */
  readonly thermostat: string
  readonly thermostatPrints: string
  readonly chatServer: string
  readonly chat: string
}

/** A part of the chat's sources. */
const chatLimits = [
  'callDeadlineMs',
  'connectTimeoutMs',
  'expectTimeoutMs',
  'heartbeatTimeoutMs',
  'helloTimeoutMs',
]

export async function makePrograms(): Promise<Programs> {
  const { bundlePrograms, programs } = (await import(
    join(root, 'packages/iocp-core/scripts/sanitize/programs.mjs')
  )) as { bundlePrograms(): Promise<void>; programs: { suite: string } }
  const { bundleProgram } = (await import(join(root, 'packages/iocp-core/scripts/windows/bundle.mjs'))) as {
    bundleProgram(source: string, folder: string, plugins: readonly Plugin[]): Promise<string>
  }
  await bundlePrograms()
  const example = join(root, 'examples/thermostat.ts')
  const chatIsPatient = [patient(join(root, 'apps/demo/src/limits.ts'), chatLimits)]
  const chatProgram = (side: 'server' | 'terminal') =>
    bundleProgram(join(root, `apps/demo/src/${side}/main.ts`), join(folder, side), chatIsPatient)
  return {
    suite: programs.suite,
    thermostat: await bundleProgram(example, folder, [patient(example, ['deadlineMs'])]),
    thermostatPrints: [...readFileSync(example, 'utf8').matchAll(/^\/\/> (.*)$/gm)]
      .map(([, row]) => row)
      .join('\n'),
    chatServer: await chatProgram('server'),
    chat: await chatProgram('terminal'),
  }
}
