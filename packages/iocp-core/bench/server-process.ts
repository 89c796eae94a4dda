import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Programs } from './build-programs.ts'
import { bunProgram, type Contestant, type Script } from './contestants.ts'

/** The server has this core to itself; the load runs on the other one. */
export const serverCore = 0
export const loadCore = 1

const pageBytes = 4096

/** Without `--no-install`, Bun would download packages that it does not find. */
function runtimeOf({ runtime }: Script, nodeFlags: readonly string[]): readonly string[] {
  return runtime === 'bun' ? [bunProgram, '--no-install'] : [process.execPath, ...nodeFlags]
}

/** The server of a contestant in its own process, pinned to its core. */
export class ServerProcess {
  readonly contestant: Contestant
  readonly port: string
  readonly #child: ChildProcess

  private constructor(contestant: Contestant, child: ChildProcess, port: string) {
    this.contestant = contestant
    this.#child = child
    this.port = port
  }

  static async start(
    contestant: Contestant,
    programs: Programs,
    nodeFlags: readonly string[] = [],
  ): Promise<ServerProcess> {
    const { server } = contestant
    const command =
      server === 'c++'
        ? [programs.echo]
        : [...runtimeOf(server, nodeFlags), '--expose-gc', programs.script(server), ...server.args]
    const child = spawn('taskset', ['-c', String(serverCore), ...command], {
      stdio: ['ignore', 'pipe', 'inherit', ...(server === 'c++' ? [] : ['ipc' as const])],
    })
    const port = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`The server ${contestant.name} ended with ${code}.`)))
      child.stdout?.once('data', (line: Buffer) =>
        resolve(/^listening (\d+)/.exec(line.toString())?.[1] ?? ''),
      )
    })
    child.removeAllListeners('exit')
    return new ServerProcess(contestant, child, port)
  }

  /** CPU time of all threads so far. Threads of a server never end while it runs. */
  cpuNs(): number {
    const tasks = `/proc/${this.#child.pid}/task`
    return readdirSync(tasks)
      .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, ns) => sum + ns, 0)
  }

  /** Resident memory, after a garbage collection if the server runs JavaScript. */
  async residentBytes(): Promise<number> {
    if (this.#child.connected) {
      this.#child.send('collect')
      await once(this.#child, 'message')
    }
    const pages = readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ')[1]
    return Number(pages) * pageBytes
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
