import type { ByteStream } from '@frameport/framing'
import { TestingError } from '../testing-error.ts'
import { checkedCut, checkedCutPoint } from './check-sim-options.ts'
import type { SimProcess } from './sim-process.ts'
import { SimStream } from './sim-stream.ts'
import type { SimConnection, SimCut, SimCutPoint, SimKill } from './sim-types.ts'
import type { Way } from './sim-way.ts'
import type { SimWire } from './sim-wire.ts'

type Direction = SimCutPoint['direction']

/** The connecting side. One of the two callbacks is called once, through the gate of its process. */
export interface ConnectAttempt {
  readonly process: SimProcess
  connected(stream: ByteStream): void
  failed(error: TestingError): void
}

/** The parts of its network that a connection uses. */
export interface ConnectionServices {
  /** Called when a connect has arrived at the kernel of the host, which accepts it, refuses it, or makes it wait. */
  knock(connection: Connection): void
  /** Called when the connection is completely gone. */
  over(connection: Connection): void
  random(label: string): () => number
}

export interface ConnectionPlace {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly port: number
  readonly way: Way
}

/** A connection from the first packet of its connect until both ends are gone. */
export class Connection implements SimConnection {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly port: number
  readonly way: Way
  readonly #services: ConnectionServices
  readonly #attempt: ConnectAttempt
  readonly #wires: Readonly<Record<Direction, SimWire>>
  /** The ends by the direction in which each sends. */
  #ends: Readonly<Record<Direction, SimStream>> | undefined
  /** `told`: the connecting side has its stream, or the reason why there is none. */
  #phase: 'connecting' | 'told' | 'over' = 'connecting'
  #isCut = false

  constructor(
    place: ConnectionPlace,
    attempt: ConnectAttempt,
    wires: Readonly<Record<Direction, SimWire>>,
    services: ConnectionServices,
  ) {
    this.id = place.id
    this.from = place.from
    this.to = place.to
    this.port = place.port
    this.way = place.way
    this.#attempt = attempt
    this.#wires = wires
    this.#services = services
    this.knockAgain()
  }

  get bytesCarried(): { readonly there: number; readonly back: number } {
    const { there, back } = this.#wires
    return { there: there.carriedBytes, back: back.carriedBytes }
  }

  /** Whether an end is open in a live process. */
  get isOpen(): boolean {
    return this.#openEnds().length > 0
  }

  /** Whether no side uses it any longer, and nothing is left to do. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** Sends the connect, again if the kernel that received it has forgotten it. */
  knockAgain(): void {
    this.#wires.there.later(() => {
      if (this.#phase === 'connecting') this.#services.knock(this)
    })
  }

  /** The kernel of the listening host accepts it: creates the end for `process`, and answers. */
  accept(process: SimProcess): SimStream {
    const random = this.#services.random
    const closed = () => this.#endClosed()
    const wires = this.#wires
    const there = new SimStream(this.#attempt.process, wires.there, wires.back, random('client'), closed)
    const back = new SimStream(process, wires.back, wires.there, random('server'), closed)
    there.peer = back
    back.peer = there
    this.#ends = { there, back }
    wires.back.later(() => this.#connected())
    return back
  }

  /** Called when the kernel of the listening host has no listener for it. */
  refuse(text: string): void {
    this.#wires.back.tell(() => this.#fail(new TestingError('CONNECTION_REFUSED', text)))
  }

  /** Called when the connecting side no longer waits for it. */
  giveUp(): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'told'
    if (this.#ends === undefined) this.#end()
    else this.#ends.there.abort()
  }

  /** Called when a process of the host has ended, or the host has lost its power. */
  died(host: string, process: SimProcess, tells: SimKill): void {
    if (this.#attempt.process === process && this.#phase === 'connecting') {
      this.#phase = 'told'
      if (this.#ends === undefined) {
        this.#end()
        return
      }
    }
    if (this.#ends === undefined) return
    const { there, back } = this.#ends
    for (const [end, where] of [
      [there, this.from],
      [back, this.to],
    ] as const) {
      // Without power, the kernel also forgets the connections of earlier processes.
      if (end.process === process || (tells === 'nothing' && where === host)) end.die(tells)
    }
  }

  /** Called when the way was held or released, or has more room. */
  wayChanged(): void {
    this.#wires.there.rearm()
    this.#wires.back.rearm()
    for (const [, end] of this.#openEnds()) end.transmit()
  }

  cut(how: SimCut = 'reset', when?: SimCutPoint): void {
    checkedCut(how)
    const place = when === undefined ? undefined : checkedCutPoint(when)
    if (this.#isCut || this.#phase === 'over') return
    if (place === undefined || place.afterBytes === 0) this.#cutNow(how, place?.direction)
    else {
      const { direction } = place
      this.#wires[direction].cutAfter(place.afterBytes, () => this.#cutNow(how, direction))
    }
  }

  leftOvers(): string[] {
    const name = `connection ${this.id} from ${this.from} to ${this.to}:${this.port}`
    if (this.#ends === undefined) return [`${name} is being made`]
    return this.#openEnds().map(([host, end]) => {
      const { queuedBytes, onWayBytes } = end.counters
      return `${name} is open at ${host}, with ${queuedBytes} bytes queued and ${onWayBytes} on the way`
    })
  }

  /** @param exactly the direction in which all data in transit is lost: the cut is in it */
  #cutNow(how: SimCut, exactly: Direction | undefined): void {
    if (this.#isCut || this.#phase === 'over') return
    this.#isCut = true
    for (const direction of ['there', 'back'] as const) {
      const loses = direction === exactly ? 'all' : how === 'reset' ? 'a drawn part' : 'nothing'
      const lostBytes = this.#wires[direction].sever(how, loses, () => {
        // The device that ends a connection in order answers sides that continue to send.
        if (how === 'end') this.#ends?.[direction].resetComes()
      })
      this.#ends?.[direction].lost(lostBytes)
    }
    this.#wires.there.tell(() => this.#tellCut(how, this.#ends?.back))
    this.#wires.back.tell(() => {
      if (this.#phase === 'connecting') this.#fail(new TestingError('CONNECTION_RESET'))
      else this.#tellCut(how, this.#ends?.there)
    })
  }

  #tellCut(how: SimCut, end: SimStream | undefined): void {
    if (how === 'end') end?.endedByPeer()
    else end?.resetByPeer()
  }

  #connected(): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'told'
    const { process } = this.#attempt
    process.enter(() => this.#attempt.connected(this.#ends?.there as SimStream))
  }

  #fail(error: TestingError): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'told'
    this.#attempt.process.enter(() => this.#attempt.failed(error))
    if (this.#ends === undefined) this.#end()
    else this.#ends.there.resetByPeer()
  }

  #endClosed(): void {
    if (this.#ends === undefined) return
    if (this.#ends.there.state === 'closed') this.#fail(new TestingError('CONNECTION_RESET'))
    if (!this.isOpen) this.#end()
  }

  /** Called when both ends are gone: data in transit is lost. */
  #end(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    for (const direction of ['there', 'back'] as const) {
      const lostBytes = this.#wires[direction].clear()
      this.#ends?.[direction].lost(lostBytes)
    }
    this.#services.over(this)
  }

  #openEnds(): (readonly [host: string, end: SimStream])[] {
    if (this.#ends === undefined) return []
    const { there, back } = this.#ends
    return (
      [
        [this.from, there],
        [this.to, back],
      ] as const
    ).filter(([, { state }]) => state === 'open')
  }
}
