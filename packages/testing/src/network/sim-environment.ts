import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'

/** The clock of one host, with its own rate and offset. It continues while no process runs. */
export class HostClock {
  readonly #world: SessionEnvironment
  readonly #rate: number
  readonly #offsetMs: number
  /** Rounding must not make a timer fire at a time before it is due. */
  #leastMs = Number.NEGATIVE_INFINITY

  constructor(world: SessionEnvironment, rate: number, offsetMs: number) {
    this.#world = world
    this.#rate = rate
    this.#offsetMs = offsetMs
  }

  nowMs(): number {
    return Math.max(this.#leastMs, this.#offsetMs + this.#rate * this.#world.nowMs())
  }

  /** Calls `due` once after `delayMs` of this clock; the result of `due` is passed to the code that moves the time. */
  setTimer(delayMs: number, name: string, due: () => unknown): SessionTimer {
    const dueMs = this.nowMs() + delayMs
    const fire = () => {
      this.#leastMs = Math.max(this.#leastMs, dueMs)
      return due()
    }
    return this.#world.setTimer(delayMs / this.#rate, Object.defineProperty(fire, 'name', { value: name }))
  }
}

/** The gate through which all code of a process is entered. */
export interface Gate {
  readonly isDead: boolean
  /** Runs `callback` now, keeps it until the process is resumed, or drops it. */
  enter(callback: () => unknown): unknown
}

const noTimer: SessionTimer = { cancel() {} }

/** The environment of one process. After its death it does nothing, but its clock continues. */
export class SimEnvironment implements SessionEnvironment {
  readonly random: () => number
  readonly #hostName: string
  readonly #clock: HostClock
  readonly #world: SessionEnvironment
  readonly #gate: Gate
  readonly #timers = new Set<SessionTimer>()

  constructor(
    host: { readonly name: string; readonly clock: HostClock },
    world: SessionEnvironment,
    gate: Gate,
    random: () => number,
  ) {
    this.random = random
    this.#hostName = host.name
    this.#clock = host.clock
    this.#world = world
    this.#gate = gate
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Depends on the seed, so that a run can be repeated: not suitable for secrets. */
  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.random() * 256))
  }

  setTimer(delayMs: number, callback: () => void): SessionTimer {
    if (this.#gate.isDead || delayMs === Number.POSITIVE_INFINITY) return noTimer
    // A timer that is due while the process is suspended can still be cancelled after it is resumed.
    let isLive = true
    const run = () => {
      if (!isLive) return undefined
      isLive = false
      return callback()
    }
    const name = `${callback.name === '' ? 'anonymous' : callback.name} of ${this.#hostName}`
    const timer = this.#clock.setTimer(delayMs > 0 ? delayMs : 0, name, () => {
      this.#timers.delete(timer)
      return this.#gate.enter(run)
    })
    this.#timers.add(timer)
    return {
      cancel: () => {
        isLive = false
        this.#timers.delete(timer)
        timer.cancel()
      },
    }
  }

  nextTurn(callback: () => void): void {
    this.#world.nextTurn?.(() => this.#gate.enter(callback))
  }

  /** Called when the process is gone: none of its timers fires any longer. */
  clear(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}
