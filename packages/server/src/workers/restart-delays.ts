import { realEnvironment } from '@frameport/iocp-core'
import type { WorkerLimits } from './limits.ts'

/**
 * Determines when a worker that died is started again: at once after a long life, otherwise after a delay that doubles
 * each time.
 */
export class RestartDelays {
  readonly #limits: Pick<WorkerLimits, 'restartDelayMs' | 'restartDelayMaxMs'>
  #servesSinceMs: number | undefined
  /** The number of consecutive short lives. */
  #short = 0
  /** The number of consecutive failed starts among them. */
  #failedStarts = 0

  constructor(limits: Pick<WorkerLimits, 'restartDelayMs' | 'restartDelayMaxMs'>) {
    this.#limits = limits
  }

  /** Call when the worker serves. */
  began(): void {
    this.#servesSinceMs = realEnvironment.nowMs()
    this.#failedStarts = 0
  }

  /** Call when it died. @returns the number of consecutive failed starts */
  ended(): number {
    const since = this.#servesSinceMs
    this.#servesSinceMs = undefined
    if (since === undefined) this.#failedStarts += 1
    const isLong = since !== undefined && realEnvironment.nowMs() - since >= this.#limits.restartDelayMaxMs
    this.#short = isLong ? 0 : this.#short + 1
    return this.#failedStarts
  }

  /** The delay before the next start, in milliseconds. */
  next(): number {
    if (this.#short === 0) return 0
    const { restartDelayMs, restartDelayMaxMs } = this.#limits
    return Math.min(restartDelayMaxMs, restartDelayMs * 2 ** Math.min(this.#short - 1, 31))
  }
}
