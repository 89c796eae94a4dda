import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { typescriptArguments } from '../../../../tests/support/typescript-arguments.ts'
import { ScreenEmulator } from './screen-emulator.ts'

/** The maximum time for an expected event on a busy machine, including the start of a program. */
const patienceMs = 60_000

const repository = fileURLToPath(new URL('../../../../', import.meta.url))
const ptyHost = fileURLToPath(new URL('pty_host.py', import.meta.url))
const endThreads = new URL('end-threads.mjs', import.meta.url).href
const node = [...typescriptArguments]

export interface Exit {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
}

/** A running process, its output so far, and functions that wait for output. */
export class Program {
  output = ''
  errors = ''
  readonly exited: Promise<Exit>
  readonly #process: ReturnType<typeof start>
  readonly #listeners = new Set<() => void>()
  #over = false
  /** Settles when the last output has been handled. */
  #taken: Promise<void> = Promise.resolve()

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#process = start(command, args, env)
    const gather = (take: (text: string) => void) => (chunk: string) => {
      take(chunk)
      this.#tell()
    }
    this.#process.stdout.setEncoding('utf8').on(
      'data',
      gather((text) => {
        this.output += text
      }),
    )
    this.#process.stderr.setEncoding('utf8').on(
      'data',
      gather((text) => {
        this.errors += text
      }),
    )
    this.exited = this.#process.then(async ({ exitCode, signal }) => {
      await this.#taken
      this.#over = true
      this.#tell()
      return { exitCode, signal }
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The transcript: the output in rows, without the final line break. */
  get rows(): string[] {
    return this.output.split('\n').slice(0, -1)
  }

  write(text: string): void {
    this.#process.stdin.write(text)
  }

  endInput(): void {
    this.#process.stdin.end()
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Sends an order to the host of a pseudo-terminal. Settles when it was carried out. */
  async order(order: string): Promise<void> {
    const orders = this.#process.stdio[3]
    if (!(orders instanceof Duplex)) throw new Error('this program takes no orders')
    const obeyed = new Promise<void>((resolve) => orders.once('data', () => resolve()))
    orders.write(`${order}\n`)
    await obeyed
  }

  /** Passes on the output of the program. Waiting functions check again after it has been handled. */
  onOutput(take: (text: string) => Promise<void>): void {
    this.#process.stdout.on('data', (chunk: string) => {
      this.#taken = take(chunk).then(() => this.#tell())
    })
  }

  /**
   * Settles when `seen` finds something in the output. Fails with the whole output when the program ends or the wait
   * takes too long.
   */
  async until<Seen>(
    what: string,
    seen: (program: this) => Seen | undefined | false,
    shown = () => `--- output\n${this.output}`,
  ): Promise<Seen> {
    return await new Promise((resolve, reject) => {
      const fail = (why: string) =>
        done(() => reject(new Error(`${what}: ${why}\n${shown()}\n--- errors\n${this.errors}`)))
      const timer = setTimeout(() => fail('did not come in time'), patienceMs)
      const look = () => {
        const found = seen(this)
        if (found !== undefined && found !== false) done(() => resolve(found))
        else if (this.#over) fail('the program has ended')
      }
      const done = (settle: () => void) => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        settle()
      }
      this.#listeners.add(look)
      look()
    })
  }

  /** Waits for this text in the standard output. */
  async says(text: string): Promise<void> {
    await this.until(`"${text}"`, () => this.output.includes(text))
  }

  async end(): Promise<Exit> {
    await this.until('the end', () => this.#over)
    return await this.exited
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(command, args, {
    cwd: repository,
    buffer: false,
    reject: false,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    forceKillAfterDelay: false,
    // The settings of the test runner for colours and back ends do not apply to the program.
    env: { FORCE_COLOR: undefined, NO_COLOR: undefined, FRAMEPORT_BACKEND: undefined, ...env },
  })
}

/** Everything that a test started and that has not ended. */
export class Programs {
  readonly #programs: Program[] = []

  server(...args: string[]): Program {
    return this.#keep(new Program('node', [...node, 'apps/demo/src/server/main.ts', ...args]))
  }

  /** A server whose worker threads can be ended: a line of its standard input is the index of a worker. */
  serverOfThreads(...args: string[]): Program {
    const env = { NODE_OPTIONS: `--import ${endThreads}` }
    return this.#keep(new Program('node', [...node, 'apps/demo/src/server/main.ts', ...args], env))
  }

  chat(...args: string[]): Program {
    return this.#keep(new Program('node', [...node, 'apps/demo/src/terminal/main.ts', ...args]))
  }

  /** A program of the demo with the given file. */
  command(path: string, args: readonly string[]): Program {
    return this.#keep(new Program('node', [...node, path, ...args]))
  }

  npm(...args: string[]): Program {
    return this.#keep(new Program('npm', args))
  }

  /** The chat in a pseudo-terminal with this width and 30 rows, and its screen. */
  chatOnTerminal(
    columns: number,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Terminal {
    return this.onTerminal({ columns, env }, 'node', ...node, 'apps/demo/src/terminal/main.ts', ...args)
  }

  serverOnTerminal(columns: number, args: readonly string[]): Terminal {
    return this.onTerminal({ columns }, 'node', ...node, 'apps/demo/src/server/main.ts', ...args)
  }

  /** Any program in a pseudo-terminal. */
  onTerminal(
    { columns, rows = 30, env = {} }: TerminalOptions,
    ...command: readonly [string, ...string[]]
  ): Terminal {
    const args = [ptyHost, String(columns), String(rows), ...command]
    const program = new Program('python3', args, { TERM: 'xterm-256color', ...env })
    return new Terminal(this.#keep(program), columns, rows)
  }

  /** Kills all programs that still run. */
  async endAll(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL')
    await Promise.all(this.#programs.map(({ exited }) => exited))
    this.#programs.length = 0
  }

  #keep(program: Program): Program {
    this.#programs.push(program)
    return program
  }
}

export interface TerminalOptions {
  readonly columns: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A program in a pseudo-terminal, with its screen. */
export class Terminal {
  readonly program: Program
  readonly screen: ScreenEmulator

  constructor(program: Program, columns: number, rows: number) {
    this.program = program
    this.screen = new ScreenEmulator(columns, rows)
    program.onOutput((text) => this.screen.write(text))
  }

  /** Changes the size of the window, like a user who drags its corner. */
  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows)
    void this.program.order(`resize ${columns} ${rows}`)
  }

  /** Closes the window. */
  hangUp(): void {
    void this.program.order('hangup')
  }

  /** Stops the program until `goOn` is called. */
  stop(): Promise<void> {
    return this.program.order('stop')
  }

  goOn(): Promise<void> {
    return this.program.order('continue')
  }

  type(keys: string): void {
    this.program.write(keys)
  }

  /** Waits until the screen shows this text. */
  async shows(text: string): Promise<void> {
    await this.until(`"${text}" on the screen`, ({ text: shown }) => shown.includes(text))
  }

  /** Waits until the screen meets the condition. A failure shows the current screen. */
  async until(what: string, seen: (screen: ScreenEmulator) => boolean): Promise<void> {
    const asShown = () => `--- screen\n${this.screen.text}`
    await this.program.until(what, () => seen(this.screen), asShown)
  }

  /** Waits until the screen ends with this text: the row that is being typed. */
  async endsWith(text: string): Promise<void> {
    await this.until(`"${text}" at the end of the screen`, ({ text: shown }) => shown.endsWith(text))
  }
}
