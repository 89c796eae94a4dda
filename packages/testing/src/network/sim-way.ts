import { optionsOf, refuse } from '../testing-error.ts'
import { checkedCut, checkedWay, type WayFacts, wayOptionNames } from './check-sim-options.ts'
import type { SimCut, SimHost, SimWay, SimWayOptions } from './sim-types.ts'
import type { OneWay } from './sim-wire.ts'

/** The parts of its network that a way uses. */
export interface WayServices {
  /** Whether the host has lost its power. */
  isOff(host: string): boolean
  /** The connections between both hosts, including those that are being made. */
  connections(): Iterable<{ cut(how: SimCut): void; wayChanged(): void }>
  /** The name of a host of this network. */
  nameOf(host: SimHost | string): string
}

/** The way between two hosts. Each wire uses one of its two directions. */
export class Way implements SimWay {
  readonly #ends: readonly [string, string]
  readonly #services: WayServices
  readonly #heldTowards = new Set<string>()
  #facts: WayFacts

  constructor(ends: readonly [string, string], facts: WayFacts, services: WayServices) {
    this.#ends = ends
    this.#facts = facts
    this.#services = services
  }

  /** The direction towards one of its hosts. */
  towards(host: string): OneWay {
    const factsNow = () => this.#facts
    const isHeld = () => this.#heldTowards.has(host) || this.#services.isOff(host)
    return {
      get facts() {
        return factsNow()
      },
      get isHeld() {
        return isHeld()
      },
    }
  }

  configure(given: SimWayOptions): void {
    this.#facts = checkedWay(optionsOf(given, wayOptionNames), this.#facts)
    this.#changed()
  }

  hold(towards?: SimHost | string): void {
    for (const host of towards === undefined ? this.#ends : [this.#endNamed(towards)])
      this.#heldTowards.add(host)
    this.#changed()
  }

  release(): void {
    this.#heldTowards.clear()
    this.#changed()
  }

  cut(how: SimCut = 'reset'): void {
    checkedCut(how)
    for (const connection of this.#services.connections()) connection.cut(how)
  }

  leftOvers(): string[] {
    const [one, other] = this.#ends
    return [...this.#heldTowards].map((host) => `the way between ${one} and ${other} is held towards ${host}`)
  }

  #endNamed(host: SimHost | string): string {
    const name = this.#services.nameOf(host)
    if (!this.#ends.includes(name))
      refuse(`The way between ${this.#ends.join(' and ')} does not lead to ${name}`)
    return name
  }

  #changed(): void {
    for (const connection of this.#services.connections()) connection.wayChanged()
  }
}
