import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { EndLimits } from '../pair-end-types.ts'
import { type Gate, type HostClock, SimEnvironment } from './sim-environment.ts'

/**
 * One life of a host: the gate through which all of its code is entered, from timers, turns, streams, listeners and
 * connects. While it is suspended, what would enter is kept in its order; once it is dead, dropped.
 */
export class SimProcess implements Gate {
  /** What its streams hold. */
  readonly streams: EndLimits
  readonly environment: SimEnvironment
  readonly #world: SessionEnvironment
  #state: 'running' | 'suspended' | 'dead' = 'running'
  readonly #kept: (() => unknown)[] = []
  #timer: SessionTimer | undefined

  constructor(
    host: { readonly name: string; readonly clock: HostClock; readonly streams: EndLimits },
    world: SessionEnvironment,
    random: () => number,
  ) {
    this.streams = host.streams
    this.#world = world
    this.environment = new SimEnvironment(host, world, this, random)
  }

  get state(): 'running' | 'suspended' | 'dead' {
    return this.#state
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** How many callbacks wait for it to be resumed. */
  get keptCallbacks(): number {
    return this.#kept.length
  }

  enter(callback: () => unknown): unknown {
    if (this.#state === 'dead') return undefined
    // What comes while those before it still wait for their turn stays behind them.
    if (this.#state === 'running' && this.#kept.length === 0) return callback()
    this.#kept.push(callback)
    return undefined
  }

  suspend(): void {
    this.#state = 'suspended'
    this.#timer?.cancel()
  }

  resume(): void {
    this.#state = 'running'
    this.#enterNext()
  }

  die(): void {
    this.#state = 'dead'
    this.#timer?.cancel()
    this.#kept.length = 0
    this.environment.clear()
  }

  /** One after the other at this moment of the clock, with what each leaves in the queue of microtasks between them. */
  #enterNext(): void {
    if (this.#kept.length === 0) return
    const resumedCallback = () => {
      const next = this.#kept.shift()
      this.#enterNext()
      return next?.()
    }
    this.#timer = this.#world.setTimer(0, resumedCallback)
  }
}
