import { createVirtualClock } from '@frameport/testing'
import type { SessionEnvironment } from '../../src/session/index.ts'

/** A clock that moves while work is done, and turns of the loop that come when the test says so. */
export class Loop implements SessionEnvironment {
  readonly time = createVirtualClock()
  workedMs = 0
  #turns: (() => void)[] = []

  nowMs = () => this.time.nowMs() + this.workedMs
  random = () => this.time.random()
  setTimer = (delayMs: number, callback: () => void) => this.time.setTimer(delayMs, callback)
  nextTurn = (callback: () => void) => void this.#turns.push(callback)

  get turnsAsked(): number {
    return this.#turns.length
  }

  async turn(): Promise<void> {
    const turns = this.#turns
    this.#turns = []
    for (const callback of turns) callback()
    await this.time.settle()
  }
}
