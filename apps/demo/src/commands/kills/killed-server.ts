import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../server/main.ts', import.meta.url))
const listening = /listening on (tcp:\/\/\S+)/

/** A chat server in a process of its own, which ends only by SIGKILL. */
export class KilledServer {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, process: ChildProcess) {
    this.url = url
    this.#process = process
  }

  /** @throws Error with the output of the server if it does not start */
  static async start(folder: string): Promise<KilledServer> {
    const options = ['--port', '0', '--no-page', '--data', folder]
    const child = spawn(process.execPath, [...process.execArgv, program, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit')
    let said = ''
    const url = new Promise<string>((resolve) => {
      for (const output of [child.stdout, child.stderr])
        output.setEncoding('utf8').on('data', (text: string) => {
          said += text
          const found = listening.exec(said)?.[1]
          if (found !== undefined) resolve(found)
        })
    })
    const started = await Promise.race([url, exited.then(() => undefined)])
    if (started === undefined) throw new Error(`the server did not start:\n${said}`)
    return new KilledServer(started, child)
  }

  /** Settles when it is dead. */
  async kill(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }
}
