import { realEnvironment } from '@frameport/iocp-core'
import type { WorkerLimits } from './limits.ts'

/**
 * When a worker that died is started again: at once after a long life, and otherwise after a delay that doubles each time.
 */
export class RestartDelays {
  readonly #limits: Pick<WorkerLimits, 'restartDelayMs' | 'restartDelayMaxMs'>
  #servesSinceMs: number | undefined
  /** Short lives in a row. */
  #short = 0
  /** Of those, starts that failed, in a row. */
  #failedStarts = 0

  constructor(limits: Pick<WorkerLimits, 'restartDelayMs' | 'restartDelayMaxMs'>) {
    this.#limits = limits
  }

  /** The worker serves. */
  began(): void {
    this.#servesSinceMs = realEnvironment.nowMs()
    this.#failedStarts = 0
  }

  /** It died. @returns how many starts have failed in a row */
  ended(): number {
    const since = this.#servesSinceMs
    this.#servesSinceMs = undefined
    if (since === undefined) this.#failedStarts += 1
    const isLong = since !== undefined && realEnvironment.nowMs() - since >= this.#limits.restartDelayMaxMs
    this.#short = isLong ? 0 : this.#short + 1
    return this.#failedStarts
  }

  /** Milliseconds until the next one. */
  next(): number {
    if (this.#short === 0) return 0
    const { restartDelayMs, restartDelayMaxMs } = this.#limits
    return Math.min(restartDelayMaxMs, restartDelayMs * 2 ** Math.min(this.#short - 1, 31))
  }
}
