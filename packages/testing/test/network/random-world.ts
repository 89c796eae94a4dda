import type { ByteStream } from '@frameport/framing'
import { expect } from 'vitest'
import { createSimNetwork, type SimHost, type SimNetwork, type SimWay } from '../../src/index.ts'
import { connectFrom } from './support.ts'

/** Random numbers that do not come from the code under test. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor(((state >>> 8) / 2 ** 24) * below)
  }
}

const hostNames = ['one', 'two', 'three'] as const

/** What one side of a connection has received and done. The model knows nothing else. */
interface Side {
  readonly stream: ByteStream
  readonly host: SimHost
  /** The number of the process of its host. */
  readonly life: number
  sentBytes: number
  receivedBytes: number
  hasEnded: boolean
  wasEnded: boolean
  /** It aborted, or its process is gone: nothing is guaranteed any more. */
  broke: boolean
  closes: number
  error: Error | undefined
}

/** A byte that shows its connection, direction and position. */
function byteAt(connection: number, direction: number, place: number): number {
  return (connection * 31 + direction * 101 + place * 7 + (place >> 8)) & 0xff
}

/** Hosts and connections of one seed, random actions, and what the model knows of both sides of each connection. */
export class World {
  readonly network: SimNetwork
  readonly hosts: readonly SimHost[]
  readonly lives = new Map<SimHost, number>()
  /** By the number of the connection. The side that connected is first. */
  readonly sides: (readonly [client: Side, server: Side])[] = []
  readonly wasCut = new Set<number>()
  readonly #draw: (below: number) => number
  readonly #served = new Map<number, Side>()
  #connects = 0

  constructor(seed: number) {
    this.#draw = numbers(seed)
    this.network = createSimNetwork({
      seed,
      windowBytes: 200 + this.#draw(5_000),
      pieceBytesMax: 1 + this.#draw(500),
    })
    this.hosts = hostNames.map((name) =>
      this.network.host(name, {
        clockRate: 0.99 + this.#draw(3) / 100,
        highWatermarkBytes: this.#draw(5_000),
      }),
    )
    for (const host of this.hosts) this.#begin(host)
  }

  async step(): Promise<void> {
    const acts = [
      () => this.#connect(),
      () => this.#connect(),
      () => this.#onSide((side, number, direction) => this.#send(side, number, direction)),
      () => this.#onSide((side, number, direction) => this.#send(side, number, direction)),
      () => this.#onSide((side, number, direction) => this.#send(side, number, direction)),
      () => this.#onSide((side, number, direction) => this.#send(side, number, direction)),
      () => this.#onSide((side, number, direction) => this.#send(side, number, direction)),
      () => this.#draw(2) === 0 && this.#onSide((side) => this.#end(side)),
      () => this.#onSide((side) => (this.#draw(2) === 0 ? side.stream.pause() : side.stream.resume())),
      () => this.#draw(4) === 0 && this.#onSide((side) => this.#abort(side)),
      () => this.#cut(),
      () => this.#draw(2) === 0 && this.#hold(),
      () => this.#way().way.release(),
      () =>
        this.#way().way.configure({
          latencyMs: { minMs: 0, maxMs: this.#draw(100) },
          windowBytes: 200 + this.#draw(5_000),
        }),
      () => this.#draw(6) === 0 && this.#kill(this.#host()),
      () => this.#suspendOrResume(this.#host()),
      () => this.network.clock.advance(this.#draw(50)),
      () => this.network.clock.advance(this.#draw(50)),
    ]
    await acts[this.#draw(acts.length)]?.()
    await this.network.clock.settle()
  }

  /** Releases, starts and resumes everything, and lets time pass. */
  async healed(): Promise<void> {
    for (const one of hostNames) for (const other of hostNames) this.network.between(one, other).release()
    for (const host of this.hosts) {
      if (host.state === 'stopped') this.#start(host)
      if (host.state === 'suspended') host.resume()
    }
    await this.network.clock.advance(10_000)
    for (const side of this.living()) side.stream.resume()
    await this.network.clock.advance(60_000)
  }

  living(): Side[] {
    return this.sides.flat().filter(({ host, life }) => this.lives.get(host) === life)
  }

  #host(): SimHost {
    return this.hosts[this.#draw(this.hosts.length)] as SimHost
  }

  #way(): { readonly way: SimWay; readonly end: SimHost } {
    const end = this.#host()
    return { way: this.network.between(end, this.#host()), end }
  }

  #hold(): void {
    const { way, end } = this.#way()
    way.hold(this.#draw(3) === 0 ? undefined : end)
  }

  #begin(host: SimHost): void {
    const life = (this.lives.get(host) ?? 0) + 1
    this.lives.set(host, life)
    void host.acceptor(1).listen({
      accepted: (stream, from) => {
        const number = Number(from?.remoteEndpoint?.split(':').at(-1)) - 49_151
        this.#served.set(number, this.#started(stream, host, number, 1))
      },
      acceptFailed: () => undefined,
    })
  }

  #connect(): void {
    const [from, to] = [this.#host(), this.#host()]
    if (from.state !== 'running') return
    const number = ++this.#connects
    connectFrom(from, `${to.name}:1`).then(
      (stream) => {
        const client = this.#started(stream, from, number, 0)
        const server = this.#served.get(number)
        // The listening process may be suspended or dead, so that the state of its side is unknown.
        if (server === undefined) this.#abort(client)
        else this.sides.push([client, server])
      },
      () => undefined,
    )
  }

  #started(stream: ByteStream, host: SimHost, number: number, direction: number): Side {
    const side: Side = {
      stream,
      host,
      life: this.lives.get(host) ?? 0,
      sentBytes: 0,
      receivedBytes: 0,
      hasEnded: false,
      wasEnded: false,
      broke: false,
      closes: 0,
      error: undefined,
    }
    const entered = () => {
      expect([host.state, this.lives.get(host), side.closes]).toEqual(['running', side.life, 0])
    }
    stream.start({
      data: (chunk) => {
        entered()
        expect(side.wasEnded).toBe(false)
        for (const byte of chunk) expect(byte).toBe(byteAt(number, 1 - direction, side.receivedBytes++))
      },
      end: () => {
        entered()
        expect(side.wasEnded).toBe(false)
        side.wasEnded = true
      },
      drain: entered,
      close: (error) => {
        entered()
        side.closes += 1
        side.error = error
      },
    })
    return side
  }

  #onSide(act: (side: Side, number: number, direction: number) => unknown): void {
    const index = this.#draw(this.sides.length)
    const pair = this.sides[index]
    if (pair === undefined) return
    const direction = this.#draw(2)
    const side = pair[direction] as Side
    const isHere = side.host.state === 'running' && this.lives.get(side.host) === side.life
    if (isHere) act(side, this.#numberOf(pair), direction)
  }

  #numberOf(pair: World['sides'][number]): number {
    for (const [number, server] of this.#served) if (server === pair[1]) return number
    throw new Error('A pair has a server')
  }

  #send(side: Side, number: number, direction: number): void {
    const bytes = Uint8Array.from({ length: this.#draw(2_000) }, (_, index) =>
      byteAt(number, direction, side.sentBytes + index),
    )
    if (side.stream.send(bytes) !== 'closed') side.sentBytes += bytes.byteLength
  }

  #end(side: Side): void {
    side.stream.end()
    side.hasEnded = true
  }

  #abort(side: Side): void {
    side.stream.abort()
    side.broke = true
  }

  #cut(): void {
    const { connections } = this.network
    const connection = connections[this.#draw(connections.length)]
    if (connection === undefined || this.#draw(3) > 0) return
    const how = (['reset', 'end', 'silence'] as const)[this.#draw(3)]
    const direction = this.#draw(2) === 0 ? 'there' : 'back'
    connection.cut(how, this.#draw(2) === 0 ? undefined : { direction, afterBytes: this.#draw(5_000) })
    this.wasCut.add(connection.id)
  }

  #kill(host: SimHost): void {
    if (host.state === 'stopped') {
      this.#start(host)
      return
    }
    host.kill((['reset', 'end', 'nothing'] as const)[this.#draw(3)])
    for (const side of this.sides.flat()) if (side.host === host) side.broke = true
    for (const side of this.#served.values()) if (side.host === host) side.broke = true
    this.lives.set(host, (this.lives.get(host) ?? 0) + 1)
  }

  #start(host: SimHost): void {
    host.start()
    this.#begin(host)
  }

  #suspendOrResume(host: SimHost): void {
    if (host.state === 'running') host.suspend()
    else if (host.state === 'suspended') host.resume()
  }

  numberedSides(): (readonly [number: number, sides: World['sides'][number]])[] {
    return this.sides.map((pair) => [this.#numberOf(pair), pair])
  }
}
