import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SeccompProfile } from '../../src/doctor/seccomp-profile.ts'

const compiler = process.env.CXX || 'g++'

/** Why no filter can be set here; undefined if one can. */
export const filterAbsent: string | undefined = absence()

function absence(): string | undefined {
  if (process.platform !== 'linux') return 'seccomp exists on Linux only'
  try {
    execFileSync(compiler, ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return `the launcher that sets the filter is C++, and there is no ${compiler}`
  }
}

/** The program that sets a filter and runs another program under it. Each test file compiles it anew. */
export class FilterLauncher {
  readonly #folder = mkdtempSync(join(tmpdir(), 'frameport-filter-'))
  readonly #program = join(this.#folder, 'refuse_calls')

  constructor() {
    const source = fileURLToPath(new URL('./launchers/refuse_calls.cc', import.meta.url))
    execFileSync(compiler, ['-std=c++17', '-Wall', '-Wextra', '-Werror', source, '-o', this.#program])
  }

  /** The words before a command that run it under a filter. `answers` maps numbers of system calls to error numbers. */
  command(defaultErrno: number, answers: ReadonlyMap<number, number>): string[] {
    const rules = [...answers].map(([call, errno]) => `${call}=${errno}`)
    return [this.#program, String(defaultErrno), ...rules, '--']
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** The numbers of the system calls on this machine, from its headers. */
export function systemCallNumbers(): ReadonlyMap<string, number> {
  const defines = execFileSync(compiler, ['-E', '-dM', '-x', 'c', '-'], {
    input: '#include <sys/syscall.h>',
    encoding: 'utf8',
  })
  return new Map(
    [...defines.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name = '', number]) => [
      name,
      Number(number),
    ]),
  )
}

/** A profile as numbers. Conditional rules become unconditional: the launcher cannot check arguments. */
export function answersOf(
  { syscalls }: SeccompProfile,
  numbers: ReadonlyMap<string, number>,
): ReadonlyMap<number, number> {
  const answers = new Map<number, number>()
  for (const { names, action, errnoRet = 1 } of syscalls) {
    for (const name of names) {
      const number = numbers.get(name)
      if (number !== undefined) answers.set(number, action === 'SCMP_ACT_ALLOW' ? 0 : errnoRet)
    }
  }
  return answers
}
