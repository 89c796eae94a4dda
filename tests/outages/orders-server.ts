import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendName } from '@frameport/iocp-core'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { OrderName } from './orders-contract.ts'

const program = fileURLToPath(new URL('children/orders-server.ts', import.meta.url))

/** A server of orders in its own process, with the same address after each start. */
export class OrdersServer {
  readonly #backend: BackendName
  readonly #folder = mkdtempSync(join(tmpdir(), 'frameport-orders-'))
  readonly #file = join(this.#folder, 'begun.txt')
  #port = 0
  #child: ChildProcess | undefined

  constructor(backend: BackendName) {
    this.#backend = backend
    writeFileSync(this.#file, '')
  }

  /** @returns its URL */
  async start(): Promise<string> {
    const child = fork(program, [this.#backend, String(this.#port), this.#file], {
      execArgv: [...typescriptArguments],
    })
    this.#child = child
    const [url] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the server ended with ${code} before it listened`)
      }),
    ])) as [string]
    this.#port = Number(new URL(url).port)
    return url
  }

  /** Sends a signal that the process cannot handle. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name)
  }

  async kill(): Promise<void> {
    if (this.#child === undefined) return
    const gone = once(this.#child, 'exit')
    this.signal('SIGKILL')
    await gone
    this.#child = undefined
  }

  /** How often the handler of each call has begun, in all processes so far. */
  begun(): Map<`${OrderName} ${number}`, number> {
    const times = new Map<`${OrderName} ${number}`, number>()
    for (const line of readFileSync(this.#file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')) {
      const call = line as `${OrderName} ${number}`
      times.set(call, (times.get(call) ?? 0) + 1)
    }
    return times
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true })
  }
}
