import type { SessionEnvironment } from '../common/session-environment.ts'
import type { SessionLimits } from '../common/session-limits.ts'

const msPerPing = 1000

/** How many pings a peer may still send: a burst, and one more each second (a token bucket). */
export class PingAllowance {
  readonly #environment: SessionEnvironment
  readonly #pingsBurstMax: number
  #left: number
  #countedAtMs: number

  constructor(environment: SessionEnvironment, { pingsBurstMax }: SessionLimits) {
    this.#environment = environment
    this.#pingsBurstMax = pingsBurstMax
    this.#left = pingsBurstMax
    this.#countedAtMs = environment.nowMs()
  }

  /** False when there were too many. */
  take(): boolean {
    const nowMs = this.#environment.nowMs()
    const earned = (nowMs - this.#countedAtMs) / msPerPing
    this.#left = Math.min(this.#pingsBurstMax, this.#left + earned)
    this.#countedAtMs = nowMs
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
