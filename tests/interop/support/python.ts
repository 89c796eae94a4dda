import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url))
const implementation = fileURLToPath(new URL('../../../interop/python/', import.meta.url))

/** Time for a handler in another process to begin before its deadline. */
export const handlerBeginsMs = 1_000

let hasPython = false

/** @throws when there is no Python that runs the implementation: these tests are never skipped */
export function requirePython(): void {
  if (hasPython) return
  const program = 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 3)'
  const { error, status } = spawnSync('python3', ['-c', program])
  hasPython = error === undefined && status === 0
  if (hasPython) return
  const found = error === undefined ? 'the python3 of this machine is older' : error.message
  throw new Error(`The interop tests need python3 of version 3.11 or newer on the PATH: ${found}.`)
}

/** A Python program that exchanges lines of JSON. */
export interface PythonProcess {
  /** Returns the next line that it printed. @throws if it failed or ended without one, with its output */
  next(): Promise<Readonly<Record<string, unknown>>>
  tell(line: string): void
  /** Ends its input and waits for its end. @throws if it failed */
  finish(): Promise<void>
  kill(): void
}

/** Starts a script of `tests/interop/python` with the implementation on its path. */
export function startPython(script: string, ...args: readonly string[]): PythonProcess {
  requirePython()
  const file = fileURLToPath(new URL(`../python/${script}`, import.meta.url))
  const child = spawn('python3', ['-u', file, ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, PYTHONPATH: implementation, PYTHONDONTWRITEBYTECODE: '1' },
  })
  return new LinesOfJson(child, script)
}

class LinesOfJson implements PythonProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #script: string
  readonly #lines: AsyncIterator<string>
  readonly #exit: Promise<unknown[]>
  #errors = ''

  constructor(child: ChildProcessWithoutNullStreams, script: string) {
    this.#child = child
    this.#script = script
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    this.#exit = once(child, 'close')
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  async next() {
    const { done, value } = await this.#lines.next()
    const told = done === true ? {} : (JSON.parse(value) as Readonly<Record<string, unknown>>)
    if (typeof told.error === 'string') throw new Error(`${this.#script} failed. ${told.error}`)
    if (done !== true) return told
    await this.#exit
    throw new Error(`${this.#script} ended and had said no more. ${this.#errors}`)
  }

  tell(line: string) {
    this.#child.stdin.write(`${line}\n`)
  }

  async finish() {
    this.#child.stdin.end()
    const [code] = await this.#exit
    if (code !== 0) throw new Error(`${this.#script} ended with ${code}. ${this.#errors}`)
  }

  kill() {
    this.#child.kill('SIGKILL')
  }
}
