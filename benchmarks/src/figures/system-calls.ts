import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Program, withPair } from '../program-pair.ts'
import type { ProgramProcess } from '../program-process.ts'

/** System calls per unit of work on each side, of all threads. */
export interface SystemCalls {
  readonly serverCalls: number
  readonly clientCalls: number
}

/** V8 on one thread: helper threads that wait for each other would be counted, and vary from run to run. */
const nodeFlags = ['--single-threaded']

export function countSystemCalls(program: Program): Promise<SystemCalls> {
  return withPair(program, nodeFlags, async ({ server, client }) => {
    await client.warmUp()
    const traces = [await Trace.attach(server), await Trace.attach(client)]
    const { units } = await client.count()
    const [serverCalls, clientCalls] = await Promise.all(traces.map((trace) => trace.detach()))
    return { serverCalls: serverCalls! / units, clientCalls: clientCalls! / units }
  })
}

/** strace on a running process and its threads. */
class Trace {
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    this.#folder = folder
  }

  static async attach({ pid }: ProgramProcess): Promise<Trace> {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-strace-'))
    const columns = ['-U', 'calls,name']
    const args = ['-f', '-c', ...columns, '-o', join(folder, 'summary'), '-p', String(pid)]
    const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const lines: string[] = []
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stderr!).on('line', (line) => {
        lines.push(line)
        // The first one of the process, followed by those of its threads.
        if (line.includes(`Process ${pid} attached`)) resolve()
      })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`strace could not attach: ${lines.join(' ')}`)))
    })
    return new Trace(child, folder)
  }

  /** Returns the calls since `attach`. */
  async detach(): Promise<number> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGINT')
    await ended
    try {
      return totalOf(readFileSync(join(this.#folder, 'summary'), 'utf8'))
    } finally {
      rmSync(this.#folder, { recursive: true })
    }
  }
}

/** @throws Error for a summary without a total */
export function totalOf(summary: string): number {
  const total = /^\s*(\d+)\s+total\s*$/m.exec(summary)?.[1]
  if (total === undefined) throw new Error(`strace wrote no total: ${summary}`)
  return Number(total)
}
