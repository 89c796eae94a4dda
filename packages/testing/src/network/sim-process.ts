import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import type { EndLimits } from '../pair-end-types.ts'
import { type Gate, type HostClock, SimEnvironment } from './sim-environment.ts'

/**
 * One process of a host: the gate through which all of its code is entered, from timers, turns, streams, listeners and
 * connects. While the process is suspended, callbacks are kept in order. Once it is dead, they are dropped.
 */
export class SimProcess implements Gate {
  /** The queue limits of its streams. */
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

  /** The number of callbacks that wait for the process to be resumed. */
  get keptCallbacks(): number {
    return this.#kept.length
  }

  enter(callback: () => unknown): unknown {
    if (this.#state === 'dead') return undefined
    // Callbacks that arrive while earlier ones wait are queued after them.
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

  /** Runs the callbacks one after the other at the current time. The microtasks of each run before the next. */
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
