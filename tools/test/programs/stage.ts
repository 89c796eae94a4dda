import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../../src/repository.ts'
import type { InstalledPrograms } from './install-packages.ts'
import { RunningProgram } from './running-program.ts'

/** The addon of this clone. Tarballs have none, so the programs find it through FRAMEPORT_ADDON. */
const addon = join(
  repositoryRoot,
  `packages/iocp-core/build/${process.platform}-${process.arch}/frameport.node`,
)

/** `net`, and the native back end of this machine, if there is one. */
export function backends(): readonly string[] {
  if (!existsSync(addon)) return ['net']
  const doctor = join(repositoryRoot, 'packages/iocp-core/bin/iocp-core.mjs')
  const environment = { ...process.env, FRAMEPORT_ADDON: addon, FRAMEPORT_BACKEND: 'auto' }
  const report = execFileSync(process.execPath, [doctor, 'doctor', '--json'], {
    encoding: 'utf8',
    env: environment,
  })
  const { createCompletionPort } = JSON.parse(report) as { createCompletionPort: { backend: string } }
  return [...new Set(['net', createCompletionPort.backend])]
}

/** Runs programs on one back end, and ends all of them. */
export class Stage {
  readonly #programs: InstalledPrograms
  readonly #backend: string
  readonly #running: RunningProgram[] = []

  constructor(programs: InstalledPrograms, backend: string) {
    this.#programs = programs
    this.#backend = backend
  }

  start(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningProgram {
    const running = new RunningProgram(this.#programs.file(program), args, {
      ...process.env,
      USER: 'ada',
      FRAMEPORT_BACKEND: this.#backend,
      ...(this.#backend === 'net' ? {} : { FRAMEPORT_ADDON: addon }),
      ...environment,
    })
    this.#running.push(running)
    return running
  }

  /** Starts a server, which prints its address and its back end. */
  async serve(
    program: string,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<{ server: RunningProgram; url: string }> {
    const server = this.start(program, ['tcp://127.0.0.1:0', ...args], environment)
    const [, url = ''] = await server.printed(new RegExp(`listens on (\\S+) \\(${this.#backend}\\)`))
    return { server, url }
  }

  async clear(): Promise<void> {
    await Promise.all(this.#running.map((program) => program.kill()))
  }
}
