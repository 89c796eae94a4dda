import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What a process under attack has gone through. Milliseconds and bytes. */
export interface Figures {
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Objects of JavaScript, buffers and what addons took, at the highest. */
  readonly memoryPeakBytes: number
  /** The same after a collection, now. */
  readonly memoryBytes: number
  readonly rssPeakBytes: number
}

const sampleMs = 25

/** Measures this process from {@link reset} on. */
export class Watch {
  readonly #delay = monitorEventLoopDelay({ resolution: 1 })
  readonly #collect: () => void
  #memoryPeakBytes = 0
  #rssPeakBytes = 0

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
    this.#delay.enable()
    setInterval(() => this.#sample(), sampleMs).unref()
  }

  async reset(): Promise<void> {
    await this.#collectAll()
    this.#delay.reset()
    this.#memoryPeakBytes = 0
    this.#rssPeakBytes = 0
    this.#sample()
  }

  async figures(): Promise<Figures> {
    this.#sample()
    const [delayP99Ms, delayMaxMs] = [this.#delay.percentile(99) / 1e6, this.#delay.max / 1e6]
    await this.#collectAll()
    return {
      delayP99Ms,
      delayMaxMs,
      memoryPeakBytes: this.#memoryPeakBytes,
      memoryBytes: memoryBytes(),
      rssPeakBytes: this.#rssPeakBytes,
    }
  }

  /** What buffers held is free a little after their collection, and what held on to others by a promise one later. */
  async #collectAll(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.#collect()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  #sample(): void {
    this.#memoryPeakBytes = Math.max(this.#memoryPeakBytes, memoryBytes())
    this.#rssPeakBytes = Math.max(this.#rssPeakBytes, process.memoryUsage.rss())
  }
}

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
