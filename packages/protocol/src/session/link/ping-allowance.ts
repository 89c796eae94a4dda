import type { SessionCore } from '../session-core.ts'

const msPerPing = 1000

/** How many pings a peer may still send: a burst, and one more each second (a token bucket). */
export class PingAllowance {
  readonly #core: SessionCore
  #left: number
  #countedAtMs: number

  constructor(core: SessionCore) {
    this.#core = core
    this.#left = core.limits.pingsBurstMax
    this.#countedAtMs = core.environment.nowMs()
  }

  /** False when there were too many. */
  take(): boolean {
    const nowMs = this.#core.environment.nowMs()
    const earned = (nowMs - this.#countedAtMs) / msPerPing
    this.#left = Math.min(this.#core.limits.pingsBurstMax, this.#left + earned)
    this.#countedAtMs = nowMs
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
