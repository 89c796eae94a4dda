import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { HeapState, Question, Ready, WorkDone } from '../support/messages.ts'
import type { RivalQuestion } from '../support/rival/messages.ts'
import { CpuTime } from './cpu-time.ts'

export interface ProgramOptions {
  readonly file: string
  readonly core: number
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
  /** The program that runs the file, with its own flags (default: this Node.js). */
  readonly command?: readonly string[] | undefined
  /** The folder in which it runs (default: that of this process). */
  readonly folder?: string | undefined
}

/** A server or a client in a process of its own, pinned to a core. */
export class ProgramProcess {
  readonly ready: Ready
  readonly #child: ChildProcess
  readonly #file: string
  readonly #cpu: CpuTime

  private constructor(child: ChildProcess, file: string, ready: Ready) {
    this.#child = child
    this.#file = file
    this.#cpu = new CpuTime(child.pid!)
    this.ready = ready
  }

  static async start({
    file,
    core,
    args,
    variables,
    nodeFlags = [],
    command = [process.execPath],
    folder,
  }: ProgramOptions): Promise<ProgramProcess> {
    const child = spawn('taskset', ['-c', String(core), ...command, ...nodeFlags, file, ...args], {
      ...(folder === undefined ? {} : { cwd: folder }),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...variables },
    })
    return new ProgramProcess(child, file, (await nextMessage(child, file)) as Ready)
  }

  /** The same as that of taskset, which becomes the program. */
  get pid(): number {
    return this.#child.pid!
  }

  async warmUp(): Promise<void> {
    await this.ask({ ask: 'warm up' })
  }

  run(ms: number): Promise<WorkDone> {
    return this.ask({ ask: 'run', ms }) as Promise<WorkDone>
  }

  count(): Promise<WorkDone> {
    return this.ask({ ask: 'count' }) as Promise<WorkDone>
  }

  async collect(): Promise<void> {
    await this.ask({ ask: 'collect' })
  }

  heap(): Promise<HeapState> {
    return this.ask({ ask: 'heap' }) as Promise<HeapState>
  }

  /** Of all threads, so far; for ended threads, their last known values. */
  cpuNs(): number {
    return this.#cpu.ns()
  }

  /** The resident memory of the process. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  ask(question: Question | RivalQuestion): Promise<unknown> {
    const answer = nextMessage(this.#child, this.#file)
    this.#child.send(question)
    return answer
  }
}

function nextMessage(child: ChildProcess, file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(new Error(`The program ${file} ended with ${code ?? signal}.`))
    child.once('error', reject)
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('error', reject)
      child.off('exit', ended)
      resolve(message)
    })
  })
}
