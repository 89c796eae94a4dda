import type { VirtualClock } from '@frameport/testing'
import type { SessionEnvironment, SessionTimer } from '../../src/session/index.ts'

/** The environment of a process that can be suspended: time passes, and its timers fire late. */
export class StoppableProcess implements SessionEnvironment {
  readonly #clock: VirtualClock
  readonly #late = new Set<() => void>()
  #stopped = false

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  random(): number {
    return this.#clock.random()
  }

  setTimer(delayMs: number, callback: () => void): SessionTimer {
    const fire = () => callback()
    const timer = this.#clock.setTimer(delayMs, () => {
      if (this.#stopped) this.#late.add(fire)
      else fire()
    })
    return {
      cancel: () => {
        timer.cancel()
        this.#late.delete(fire)
      },
    }
  }

  /** Suspends the process for `ms`. Timers that came due fire at the end. */
  async stopFor(ms: number): Promise<void> {
    this.#stopped = true
    await this.#clock.advance(ms)
    this.#stopped = false
    for (const fire of this.#late) {
      this.#late.delete(fire)
      fire()
    }
  }
}
