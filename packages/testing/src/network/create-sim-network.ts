import { limits } from '../limits.ts'
import { derivedRandom } from '../seeded-random.ts'
import { optionsOf, refuse } from '../testing-error.ts'
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts'
import {
  checkedHostName,
  checkedWay,
  defaultWay,
  unknownHost,
  type WayFacts,
  wayOptionNames,
} from './check-sim-options.ts'
import { type ConnectAttempt, Connection } from './sim-connection.ts'
import { Host, type HostServices } from './sim-host.ts'
import type {
  SimConnection,
  SimHost,
  SimHostOptions,
  SimNetwork,
  SimNetworkOptions,
  SimWay,
} from './sim-types.ts'
import { Way } from './sim-way.ts'
import { SimWire } from './sim-wire.ts'

/**
 * Makes a simulated network in memory. Each host has its own clock and a process that can be killed, started, suspended and resumed. The ways between hosts
 * have latencies, rates and windows, and can be held and cut. Streams behave like TCP connections. All random choices depend on one seed: the same seed
 * and the same program give the same run, byte for byte.
 *
 * It does not simulate lost or reordered packets, which TCP hides, the third packet of a connect, or timeouts of a kernel: a connection over a held way stays
 * open until a program closes it.
 *
 * @example
 * const network = createSimNetwork({ seed: 1 })
 * const server = network.host('server')
 * const laptop = network.host('laptop')
 * await chatServer.listen(server.acceptor(5500))
 * const client = createClient(chat, laptop.connector('server:5500'), { environment: laptop.environment })
 * await network.clock.until(client.ping())
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function createSimNetwork(options: SimNetworkOptions = {}): SimNetwork {
  return new Network(options)
}

class Network implements SimNetwork {
  readonly seed: number
  readonly clock: VirtualClock
  readonly #facts: WayFacts
  readonly #hosts = new Map<string, Host>()
  readonly #ways = new Map<string, Way>()
  readonly #attempts = new Map<string, number>()
  readonly #connections = new Set<Connection>()
  #lastId = 0
  readonly #services: HostServices

  constructor(given: SimNetworkOptions) {
    const options = optionsOf(given, ['seed', 'startMs', 'onForgotten', ...wayOptionNames])
    const { seed = 1, startMs, onForgotten } = options
    this.seed = seed
    this.#facts = checkedWay(options, defaultWay)
    this.clock = createVirtualClock({ seed, startMs, onForgotten })
    this.#services = {
      world: this.clock,
      random: (label) => this.#random(label),
      connect: (from, to, port, attempt) => this.#connect(from, to, port, attempt),
      died: (host, process, lastWord) => {
        for (const connection of [...this.#connections]) connection.died(host, process, lastWord)
        this.#waysChanged()
      },
      started: () => this.#waysChanged(),
    }
  }

  host(given: string, options: SimHostOptions = {}): SimHost {
    const name = checkedHostName(given)
    if (this.#hosts.has(name)) refuse(`The network already has a host ${name}`)
    const offsetMs = Math.floor(this.#random(`clock ${name}`)() * limits.clockOffsetMaxMs)
    const host = new Host(name, options, this.#services, offsetMs)
    this.#hosts.set(name, host)
    return host
  }

  between(one: SimHost | string, other: SimHost | string): SimWay {
    return this.#way(this.#nameOf(one), this.#nameOf(other))
  }

  get connections(): readonly SimConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen)
  }

  leftOvers(): readonly string[] {
    return [...this.#hosts.values(), ...this.#connections, ...this.#ways.values()].flatMap((part) =>
      part.leftOvers(),
    )
  }

  #random(label: string): () => number {
    return derivedRandom(this.seed, label)
  }

  #nameOf(host: SimHost | string): string {
    const known = [...this.#hosts.values()].find((its) => its === host || its.name === host)
    if (known === undefined) throw unknownHost(host, [...this.#hosts.keys()])
    return known.name
  }

  /** Also accepts the name of a host that does not exist: the connect travels, and is refused. */
  #way(one: string, other: string): Way {
    const ends = [one, other].sort() as [string, string]
    const key = ends.join(' ')
    const known = this.#ways.get(key)
    if (known !== undefined) return known
    const way: Way = new Way(ends, this.#facts, {
      isOff: (host) => this.#hosts.get(host)?.isOff === true,
      connections: () => [...this.#connections].filter(({ way: its }) => its === way),
      nameOf: (host) => this.#nameOf(host),
    })
    this.#ways.set(key, way)
    return way
  }

  #connect(from: string, to: string, port: number, attempt: ConnectAttempt): Connection {
    const way = this.#way(from, to)
    const pair = `${from} to ${to}`
    const count = (this.#attempts.get(pair) ?? 0) + 1
    this.#attempts.set(pair, count)
    // Depends on its number among the connections of both hosts, so that other connections do not change its random values.
    const random = (label: string) => this.#random(`connection ${count} from ${pair}, ${label}`)
    const connection = new Connection(
      { id: ++this.#lastId, from, to, port, way },
      attempt,
      {
        there: new SimWire(this.clock, way.towards(to), random('there')),
        back: new SimWire(this.clock, way.towards(from), random('back')),
      },
      {
        random,
        knock: (knocking) => {
          const host = this.#hosts.get(to)
          if (host === undefined)
            knocking.refuse(
              `The network has no host ${to}. Its hosts are ${[...this.#hosts.keys()].join(', ')}.`,
            )
          else host.knock(knocking)
        },
        over: (ended) => this.#connections.delete(ended),
      },
    )
    this.#connections.add(connection)
    return connection
  }

  #waysChanged(): void {
    for (const connection of [...this.#connections]) connection.wayChanged()
  }
}
