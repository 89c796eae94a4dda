import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BackendName } from '@frameport/iocp-core'
import { type LogPosition, memoryEventLog } from '@frameport/server'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import { Balancer } from './balancer.ts'
import type { ToParent, ToServer } from './rolling-messages.ts'

const program = fileURLToPath(new URL('children/rolling-server.ts', import.meta.url))

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

/** Several servers behind one address, in their own processes, which share the log in this process. */
export class RollingServers {
  /** How often the handler of each call has begun. */
  readonly placed = new Map<number, number>()
  readonly #backend: BackendName
  readonly #balancer = new Balancer()
  readonly #log = memoryEventLog()
  /** The positions of events that one of the servers has appended. */
  readonly #positions = new Map<string, LogPosition>()
  readonly #servers: Running[] = []

  constructor(backend: BackendName) {
    this.#backend = backend
  }

  /** @returns their address */
  async start(count: number): Promise<string> {
    for (let index = 0; index < count; index++) await this.#begin(index)
    return this.#balancer.listen()
  }

  publish(number: number): void {
    for (const { child } of this.#servers) tell(child, { publish: number })
  }

  /** Closes one server in order, and starts another one in its place. */
  async restart(index: number): Promise<void> {
    const { child, url } = this.#servers[index] as Running
    this.#balancer.remove(url)
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await exit
    if (code !== 0) throw new Error(`a server ended with ${code}`)
    await this.#begin(index)
  }

  async close(): Promise<void> {
    for (const { child } of this.#servers) child.kill('SIGKILL')
    await this.#balancer.close()
  }

  async #begin(index: number): Promise<void> {
    const child = fork(program, [this.#backend], {
      execArgv: [...typescriptArguments],
      serialization: 'advanced',
    })
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`a server ended with ${code} before it listened`)))
      child.on('message', (message: ToParent) => {
        if ('url' in message) resolve(message.url)
        else void this.#heard(child, message)
      })
    })
    this.#servers[index] = { child, url }
    this.#balancer.add(url)
  }

  async #heard(child: ChildProcess, message: Exclude<ToParent, { readonly url: string }>): Promise<void> {
    if ('placed' in message) {
      this.placed.set(message.placed, (this.placed.get(message.placed) ?? 0) + 1)
    } else if ('append' in message) {
      // All servers publish each event, which has one position.
      const key = Buffer.from(message.append.body.bytes).toString('latin1')
      const position = this.#positions.get(key) ?? (await this.#log.append(message.append))
      this.#positions.set(key, position)
      tell(child, { id: message.id, answer: position })
    } else tell(child, { id: message.id, answer: await this.#log.after(message.after) })
  }
}

/** Ignores a server that has closed. */
function tell(child: ChildProcess, message: ToServer): void {
  if (child.connected) child.send(message, () => undefined)
}
