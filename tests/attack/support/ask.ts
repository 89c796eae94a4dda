import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Bundle, Program } from './bundle.ts'

/** The answers of a helper process, by the name of the question. */
export type Answers = Readonly<Record<string, (given: never) => unknown>>

/** Another process, which answers questions. */
export class Helper {
  readonly #child: ChildProcess
  #next = 0

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** @param core the processor on which it runs, so that the measured process has its own */
  static async start(
    bundle: Bundle,
    program: Program,
    args: readonly string[],
    core: number,
  ): Promise<Helper> {
    const child = fork(bundle.pathOf(program), args, {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    if (child.pid !== undefined) pin(child.pid, core)
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`${program} ended with ${code ?? signal} before it was ready`)
      }),
    ])
    return new Helper(child)
  }

  ask<Answer>(question: string, given?: unknown): Promise<Answer> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const over = (code: number | null, signal: string | null) =>
        reject(new Error(`a helper process ended with ${code ?? signal} while it was asked ${question}`))
      const heard = (message: { id: number; answer?: Answer; error?: string }) => {
        if (message.id !== id) return
        this.#child.off('message', heard)
        this.#child.off('exit', over)
        if (message.error === undefined) resolve(message.answer as Answer)
        else reject(new Error(message.error))
      }
      this.#child.on('message', heard)
      this.#child.once('exit', over)
      this.#child.send({ id, question, given })
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** In the helper process: answers until the other process has ended. */
export function answerQuestions(answers: Answers): void {
  process.on('disconnect', () => process.exit())
  process.on('message', ({ id, question, given }: { id: number; question: string; given: never }) => {
    Promise.resolve()
      .then(() => answers[question]?.(given))
      .then(
        (answer) => process.send?.({ id, answer }),
        (error: unknown) =>
          process.send?.({ id, error: error instanceof Error ? error.stack : String(error) }),
      )
  })
  process.send?.('ready')
}

function pin(pid: number, core: number): void {
  spawnSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
}
