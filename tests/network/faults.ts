import type { SimConnection, SimCut, SimHost } from '@frameport/testing'
import { fastWay } from './drawn-network.ts'
import type { Run } from './run.ts'

/** A cut that happens when enough bytes have travelled. */
interface ArmedCut {
  readonly connection: SimConnection
  readonly how: SimCut
}

const cuts: readonly SimCut[] = ['reset', 'end', 'silence']

/** The faults between hosts, and how all of them stop. */
export class Faults {
  readonly #run: Run
  readonly #hosts: ReadonlyMap<string, SimHost>
  /** A client host and a server host each. */
  readonly #pairs: readonly (readonly [string, string])[]
  readonly #armed: ArmedCut[] = []
  /** The number of the next connections on a way that break. */
  readonly #soon = new Map<string, number>()

  constructor(run: Run, hosts: ReadonlyMap<string, SimHost>) {
    this.#run = run
    this.#hosts = hosts
    this.#pairs = Object.entries(run.plan.targets).flatMap(([client, targets]) =>
      targets.flat().map((server) => [client, server] as const),
    )
  }

  cut(): void {
    const { draw, network } = this.#run
    const how = draw.pick(cuts)
    if (draw.chance(0.3)) {
      const [host, other] = draw.pick(this.#pairs)
      this.#run.see(host, { what: 'cut', other, how })
      network.between(host, other).cut(how)
      return
    }
    if (network.connections.length === 0) return
    const connection = draw.pick(network.connections)
    this.#run.see(connection.from, { what: 'cut', other: connection.to, how })
    connection.cut(how)
  }

  cutLater(): void {
    const { draw, network } = this.#run
    if (network.connections.length === 0) return
    const connection = draw.pick(network.connections)
    const direction = draw.pick(['there', 'back'] as const)
    this.#cutAfter(connection, direction, draw.int(0, draw.pick([50, 1_000, 10_000])))
  }

  #cutAfter(connection: SimConnection, direction: 'there' | 'back', afterBytes: number): void {
    const how = this.#run.draw.pick(cuts)
    const when = `${how} after ${afterBytes} bytes ${direction}`
    this.#run.see(connection.from, { what: 'cut', other: connection.to, how: when })
    connection.cut(how, { direction, afterBytes })
    this.#armed.push({ connection, how })
  }

  /**
   * The next connections between two hosts break while they are made, or soon after. Current ones may break
   * immediately.
   */
  cutSoon(): void {
    const { draw, network } = this.#run
    const [host, other] = draw.pick(this.#pairs)
    this.#soon.set(wayOf([host, other]), draw.int(1, 5))
    if (draw.chance(0.3)) return
    this.#run.see(host, { what: 'cut', other, how: 'reset' })
    network.between(host, other).cut('reset')
  }

  /** Called for a new connection, over which nothing has been sent. */
  connected(from: string, to: string): void {
    const { draw, network } = this.#run
    const way = wayOf([from, to])
    const left = this.#soon.get(way) ?? 0
    const connection = network.connections.findLast((each) => each.from === from && each.to === to)
    if (left === 0 || connection === undefined) return
    this.#soon.set(way, left - 1)
    // A welcome is about this long, so many are cut in the middle.
    this.#cutAfter(connection, draw.pick(['there', 'back', 'back']), draw.int(0, draw.pick([50, 500])))
  }

  hold(): void {
    const { draw, network } = this.#run
    const [host, other] = draw.pick(this.#pairs)
    const towards = draw.pick([undefined, undefined, host, other])
    this.#run.see(host, { what: 'hold', other, how: towards === undefined ? 'both' : `towards ${towards}` })
    network.between(host, other).hold(towards)
  }

  release(): void {
    this.#release(this.#run.draw.pick(this.#pairs))
  }

  configure(options: Parameters<ReturnType<Run['network']['between']>['configure']>[0]): void {
    const [host, other] = this.#run.draw.pick(this.#pairs)
    this.#run.see(host, { what: 'configure', other, how: JSON.stringify(options) })
    this.#run.network.between(host, other).configure(options)
  }

  kill(host: SimHost): void {
    this.#run.see(host.name, { what: 'kill' })
    host.kill(this.#run.draw.pick(['reset', 'end', 'nothing'] as const))
  }

  suspend(host: SimHost): void {
    this.#run.see(host.name, { what: 'suspend' })
    host.suspend()
  }

  resume(host: SimHost): void {
    this.#run.see(host.name, { what: 'resume' })
    host.resume()
  }

  /**
   * Opens all ways, resumes all existing processes, and makes all pending cuts now. The caller starts missing
   * processes.
   */
  stop(): void {
    this.#run.see('world', { what: 'faultsStop' })
    this.#soon.clear()
    for (const { connection, how } of this.#armed)
      if (this.#run.network.connections.includes(connection)) connection.cut(how)
    for (const pair of this.#pairs) this.#release(pair)
    if (this.#run.plan.hasCalmWay)
      for (const [host, other] of this.#pairs) this.#run.network.between(host, other).configure(fastWay)
    for (const host of this.#hosts.values()) if (host.state === 'suspended') this.resume(host)
  }

  #release([host, other]: readonly [string, string]): void {
    this.#run.see(host, { what: 'release', other })
    this.#run.network.between(host, other).release()
  }
}

function wayOf([from, to]: readonly [string, string]): string {
  return `${from} ${to}`
}
