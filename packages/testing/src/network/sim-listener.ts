import { callReporting, reportUncaught } from '@frameport/framing/checks'
import { limits } from '../limits.ts'
import type { Connection } from './sim-connection.ts'
import type { SimProcess } from './sim-process.ts'
import type { SimStream } from './sim-stream.ts'
import type { SimAcceptorEvents, SimKill, SimListener } from './sim-types.ts'

/** The first of the ports that systems assign to connecting sockets (RFC 6335). */
const firstClientPort = 49_152
const clientPorts = 16_384

/** A port of a host at which a process listens, with the connections that the kernel keeps for it. */
export class HostListener implements SimListener {
  readonly url: string
  readonly #process: SimProcess
  readonly #events: SimAcceptorEvents
  readonly #closed: () => void
  /** The streams that the kernel accepted while the process was suspended. */
  readonly #backlog = new Set<SimStream>()
  /** Connects for which the backlog has no room. They are lost, and sent again when there is room. */
  #waiting: Connection[] = []
  #isClosed = false

  /** @param closed called once, when the port is free again */
  constructor(url: string, process: SimProcess, events: SimAcceptorEvents, closed: () => void) {
    this.url = url
    this.#process = process
    this.#events = events
    this.#closed = closed
  }

  /** Called when a connect has arrived. */
  knock(connection: Connection): void {
    if (this.#backlog.size < limits.backlogMax) this.#accept(connection)
    else this.#waiting.push(connection)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closed()
    for (const stream of this.#backlog) stream.abort()
    for (const connection of this.#waiting) connection.refuse(`The listener at ${this.url} was closed.`)
    this.#waiting = []
  }

  /** Called when the process is gone, with the backlog. Its streams are closed like all others. */
  died(tells: SimKill): void {
    this.#isClosed = true
    for (const connection of this.#waiting) {
      if (tells === 'nothing') connection.knockAgain()
      else connection.refuse(`The process that listened at ${this.url} was killed.`)
    }
  }

  #accept(connection: Connection): void {
    const stream = connection.accept(this.#process)
    this.#backlog.add(stream)
    // The port is one of the client's host. It is unique while the connection lives.
    const remoteEndpoint = `sim://${connection.from}:${firstClientPort + ((connection.id - 1) % clientPorts)}`
    this.#process.enter(() => {
      this.#backlog.delete(stream)
      this.#admitWaiting()
      if (this.#isClosed) return
      callReporting(() => this.#events.accepted(stream, { remoteEndpoint }), reportUncaught)
    })
  }

  #admitWaiting(): void {
    const [next, ...others] = this.#waiting
    this.#waiting = others
    if (next !== undefined) next.knockAgain()
  }
}
