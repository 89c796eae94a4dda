import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'

/** Debian installs the program in a folder that is not in the PATH of normal users. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` }

/** The reason if tests with a NATS server cannot run here. */
export const natsServerMissing =
  spawnSync('nats-server', ['--version'], { env }).status === 0
    ? undefined
    : 'nats-server is not installed: apt-get install nats-server'

/** Tests that need a NATS server. They are skipped without one, unless FRAMEPORT_REQUIRE_NATS is set. */
export function describeWithNats(name: string, body: () => void): void {
  if (natsServerMissing !== undefined && process.env.FRAMEPORT_REQUIRE_NATS !== undefined) {
    test(name, () => {
      throw new Error(natsServerMissing)
    })
    return
  }
  describe.skipIf(natsServerMissing !== undefined)(
    natsServerMissing === undefined ? name : `${name} (${natsServerMissing})`,
    body,
  )
}

/** A NATS server with JetStream, on a port of 127.0.0.1 and in its own folder. */
export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'frameport-nats-'))
  readonly #configuration: string
  #process: ChildProcess | undefined
  #port: number | undefined

  private constructor(configuration: string) {
    this.#configuration = configuration
  }

  /** @param configuration further lines of its configuration file, such as `max_payload: 4096` */
  static async start(configuration = ''): Promise<NatsServer> {
    const server = new NatsServer(configuration)
    await server.start()
    return server
  }

  get port(): number {
    if (this.#port === undefined) throw new Error('the NATS server has not been started')
    return this.#port
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** Starts it again after `kill`, on the same port, with the data in its files. */
  async start(): Promise<void> {
    const file = join(this.#folder, 'nats.conf')
    writeFileSync(
      file,
      `listen: "127.0.0.1:${this.#port ?? -1}"\njetstream { store_dir: "${join(this.#folder, 'store')}" }\n${this.#configuration}\n`,
    )
    const child = spawn('nats-server', ['-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    process.once('exit', this.#killNow)
    let log = ''
    this.#port = await new Promise<number>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text
        const port = /client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1]
        if (port !== undefined && log.includes('Server is ready')) resolve(Number(port))
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${log}`)))
    })
  }

  /** Kills it without warning, like kill -9. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.#process = undefined
    process.removeListener('exit', this.#killNow)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /**
   * Stops the process; its connections stay open. The kernel stops its threads one after the other, some time after the
   * signal.
   */
  async suspend(): Promise<void> {
    this.#process?.kill('SIGSTOP')
    const tasks = `/proc/${this.#process?.pid}/task`
    if (!existsSync(tasks)) return
    while (readdirSync(tasks).some((task) => !/\) T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Saves its data while it is not running. */
  saveStore(): void {
    cpSync(join(this.#folder, 'store'), join(this.#folder, 'saved'), { recursive: true })
  }

  /** Restores the saved data: later data are lost, like after a power failure. */
  restoreStore(): void {
    rmSync(join(this.#folder, 'store'), { recursive: true })
    cpSync(join(this.#folder, 'saved'), join(this.#folder, 'store'), { recursive: true })
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  readonly #killNow = () => this.#process?.kill('SIGKILL')
}
