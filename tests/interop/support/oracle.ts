import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { requirePython } from './python.ts'

const folder = fileURLToPath(new URL('../../../interop/python/', import.meta.url))

/** A command of the implementation in Python that answers each line with one line. */
export class Oracle {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #errors = ''

  /** @param command a script in `interop/python` with its arguments */
  constructor(...command: readonly string[]) {
    requirePython()
    this.#child = spawn('python3', command, {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  ask(lines: readonly string[]): void {
    this.#child.stdin.write(`${lines.join('\n')}\n`)
  }

  /** Returns the next answer as a text. @throws if the command ended */
  async answer(): Promise<string> {
    const { done, value } = await this.#lines.next()
    if (done !== true) return value
    throw new Error(`The oracle ended before it had answered everything. ${this.#errors}`)
  }

  /** @throws if the command failed */
  async close(): Promise<void> {
    this.#child.stdin.end()
    const [code] = await once(this.#child, 'close')
    if (code !== 0) throw new Error(`The oracle ended with ${code}. ${this.#errors}`)
  }
}
