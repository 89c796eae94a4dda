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
 * Makes a network in memory: hosts with clocks of their own, each with a process that can be killed, started, suspended
 * and resumed; ways between them with delays, rates and windows, which can be held and cut; and streams that behave as those of
 * TCP, with everything drawn from one seed. The same seed and the same program give the same run, byte for byte.
 *
 * What it does not have: lost or reordered packets (TCP hides them), the third packet of a connect, and timeouts of a kernel
 * (a connection that is held stays open until somebody closes it).
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

  /** Also to a name that no host has: a connect travels, and is refused. */
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
    // By its count among those of both hosts: connections of others do not change what is drawn for it.
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
