import { type ChildProcess, spawn } from 'node:child_process'
import { expect } from 'vitest'

/** A program of a test: its output so far, and how it ended. */
export class RunningProgram {
  readonly #child: ChildProcess
  readonly #ended: Promise<{ readonly code: number | NodeJS.Signals | null; readonly output: string }>
  readonly #watchers = new Set<() => void>()
  #output = ''
  #isEnded = false

  constructor(file: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [file, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const more = (text: string) => {
      this.#output += text
      for (const watch of this.#watchers) watch()
    }
    this.#child.stdout?.setEncoding('utf8').on('data', more)
    this.#child.stderr?.setEncoding('utf8').on('data', more)
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => {
        this.#isEnded = true
        more('')
        resolve({ code: code ?? signal, output: this.#output })
      })
    })
  }

  get output(): string {
    return this.#output
  }

  /** Settles with the match as soon as the output has one. Rejects if the program ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#output)
        if (match === null && !this.#isEnded) return
        this.#watchers.delete(look)
        if (match !== null) resolve(match)
        else reject(new Error(`The program ended without ${pattern}. It printed:\n${this.#output}`))
      }
      this.#watchers.add(look)
      look()
    })
  }

  signal(signal: NodeJS.Signals): this {
    this.#child.kill(signal)
    return this
  }

  /** Settles with the complete output once the program has ended with this exit code or signal. */
  async ends(code: number | NodeJS.Signals): Promise<string> {
    const ended = await this.#ended
    expect(ended.code, ended.output).toBe(code)
    return ended.output
  }

  /** Kills the program at the end of a failed test. */
  async kill(): Promise<void> {
    if (!this.#isEnded) this.#child.kill('SIGKILL')
    await this.#ended
  }
}
