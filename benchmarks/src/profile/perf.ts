import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgramProcess } from '../program-process.ts'

/** Makes V8 write the names of its functions to the file that perf reads. */
export const nodeFlagsOfProfile: readonly string[] = ['--perf-basic-prof']
/** Not an integer number of samples per millisecond, so that periodic events do not distort the samples. */
const samplesPerSecond = 1999
const outputBytesMax = 1024 ** 3

/** perf(1) on all threads of a running process. */
export class Perf {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #pid: number

  private constructor(child: ChildProcess, folder: string, pid: number) {
    this.#child = child
    this.#folder = folder
    this.#pid = pid
  }

  static async attach({ pid }: ProgramProcess): Promise<Perf> {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-perf-'))
    const options = ['-e', 'cpu-clock', '-F', String(samplesPerSecond), '-o', join(folder, 'samples')]
    const child = spawn('perf', ['record', ...options, '-p', String(pid)], { stdio: 'ignore' })
    await once(child, 'spawn')
    return new Perf(child, folder, pid)
  }

  /** The location of the process in each sample since `attach`: a line of `perf script`, address, symbol and object. */
  async detach(): Promise<string[]> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGINT')
    await ended
    try {
      const fields = ['script', '-i', join(this.#folder, 'samples'), '-F', 'ip,sym,dso']
      const said = execFileSync('perf', fields, {
        encoding: 'utf8',
        maxBuffer: outputBytesMax,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      return said.split('\n').filter((line) => line.trim() !== '')
    } finally {
      rmSync(this.#folder, { recursive: true })
      rmSync(join(tmpdir(), `perf-${this.#pid}.map`), { force: true })
    }
  }
}
