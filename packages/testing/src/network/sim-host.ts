import type { SessionEnvironment } from '@frameport/protocol/session'
import type { EndLimits } from '../pair-end-types.ts'
import { TestingError } from '../testing-error.ts'
import { checkedChoice, checkedHostOptions, checkedPort } from './check-sim-options.ts'
import type { ConnectAttempt, Connection } from './sim-connection.ts'
import { simConnector } from './sim-connector.ts'
import { HostClock } from './sim-environment.ts'
import { HostListener } from './sim-listener.ts'
import { SimProcess } from './sim-process.ts'
import type { SimAcceptor, SimConnector, SimHost, SimHostOptions, SimKill } from './sim-types.ts'

/** The parts of its network that a host uses. */
export interface HostServices {
  readonly world: SessionEnvironment
  random(label: string): () => number
  connect(from: string, to: string, port: number, attempt: ConnectAttempt): Connection
  /** Called when a process has ended. */
  died(host: string, process: SimProcess, tells: SimKill): void
  /** Called when the host has power again. */
  started(): void
}

/** A machine: its clock, its ports, and its running process, if there is one. */
export class Host implements SimHost {
  readonly name: string
  readonly clock: HostClock
  /** The queue limits of the streams of its processes. */
  readonly streams: EndLimits
  readonly #services: HostServices
  readonly #ports = new Map<number, HostListener>()
  #process: SimProcess | undefined
  #starts = 0
  #isOff = false

  /** @throws TestingError `INVALID_OPTION` */
  constructor(name: string, given: SimHostOptions, services: HostServices, drawnOffsetMs: number) {
    const { clockRate, clockOffsetMs, streams } = checkedHostOptions(given, drawnOffsetMs)
    this.name = name
    this.clock = new HostClock(services.world, clockRate, clockOffsetMs)
    this.streams = streams
    this.#services = services
    this.#startProcess()
  }

  get state(): 'running' | 'stopped' | 'suspended' {
    const process = this.#process
    if (process === undefined) return 'stopped'
    return process.state === 'suspended' ? 'suspended' : 'running'
  }

  /** Whether it has lost its power. */
  get isOff(): boolean {
    return this.#isOff
  }

  get environment(): SessionEnvironment {
    return this.#living('has no environment').environment
  }

  acceptor(given: number): SimAcceptor {
    const port = checkedPort(given)
    const process = this.#living('cannot accept')
    const url = `sim://${this.name}:${port}`
    return {
      url,
      listen: (events) =>
        new Promise((resolve, reject) => {
          if (process.isDead) return
          if (this.#ports.has(port)) {
            reject(new TestingError('ADDRESS_IN_USE', `The address is ${url}.`))
            return
          }
          const listener = new HostListener(url, process, events, () => this.#ports.delete(port))
          this.#ports.set(port, listener)
          resolve(listener)
        }),
    }
  }

  connector(address: string): SimConnector {
    return simConnector(this.#living('cannot connect'), address, (host, port, attempt) =>
      this.#services.connect(this.name, host, port, attempt),
    )
  }

  kill(tells: SimKill = 'reset'): void {
    checkedChoice('tells', tells, ['reset', 'end', 'nothing'])
    const process = this.#living('cannot be killed')
    this.#process = undefined
    this.#isOff = tells === 'nothing'
    process.die()
    const listeners = [...this.#ports.values()]
    this.#ports.clear()
    for (const listener of listeners) listener.died(tells)
    this.#services.died(this.name, process, tells)
  }

  start(): void {
    if (this.#process !== undefined) this.#refuse('cannot be started again')
    this.#isOff = false
    this.#startProcess()
    this.#services.started()
  }

  suspend(): void {
    const process = this.#living('cannot be suspended')
    if (process.state !== 'running') this.#refuse('cannot be suspended again')
    process.suspend()
  }

  resume(): void {
    const process = this.#living('cannot be resumed')
    if (process.state !== 'suspended') this.#refuse('cannot be resumed')
    process.resume()
  }

  /** Called when a connect has arrived. */
  knock(connection: Connection): void {
    const listener = this.#ports.get(connection.port)
    if (listener !== undefined) listener.knock(connection)
    else connection.refuse(this.#whyNobodyListens(connection.port))
  }

  leftOvers(): string[] {
    const kept = this.#process?.keptCallbacks ?? 0
    return [
      ...[...this.#ports.values()].map(({ url }) => `${this.name} listens at ${url}`),
      ...(this.state === 'suspended' ? [`${this.name} is suspended, and ${kept} callbacks wait`] : []),
    ]
  }

  #startProcess(): void {
    this.#starts += 1
    const random = this.#services.random(`process ${this.name} ${this.#starts}`)
    this.#process = new SimProcess(this, this.#services.world, random)
  }

  #living(what: string): SimProcess {
    return this.#process ?? this.#refuse(what)
  }

  #refuse(what: string): never {
    throw new TestingError('WRONG_HOST_STATE', `${this.name} is ${this.state} and ${what}.`)
  }

  #whyNobodyListens(port: number): string {
    if (this.#process === undefined) return `No process runs on ${this.name}.`
    const ports = [...this.#ports.keys()]
    const others = ports.length === 0 ? 'and it has no listener' : `but listeners are at ${ports.join(', ')}`
    return `No process listens at port ${port} of ${this.name}, ${others}.`
  }
}
