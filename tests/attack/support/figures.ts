import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The measurements of a process under attack, in milliseconds and bytes. */
export interface Figures {
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /**
   * The peak of JavaScript objects, buffers and memory of addons. Values above the bound are measured after a garbage
   * collection.
   */
  readonly memoryPeakBytes: number
  /** The same value now, after a garbage collection. */
  readonly memoryBytes: number
  readonly rssPeakBytes: number
}

const sampleMs = 25

/** The garbage collections before a measurement. Memory that remains after these rounds counts as held. */
const collect = { roundsMax: 20, pauseMs: 20, noiseBytes: 64 * 1024 }

/** Measures this process since the last {@link reset}. */
export class Watch {
  readonly #delay = monitorEventLoopDelay({ resolution: 1 })
  readonly #collect: () => void
  #memoryBoundBytes = Number.POSITIVE_INFINITY
  #memoryPeakBytes = 0
  #rssPeakBytes = 0

  constructor() {
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc') as () => void
    this.#delay.enable()
    setInterval(() => this.#sample(), sampleMs).unref()
  }

  /**
   * @param memoryBoundBytes memory above it counts only after a garbage collection, because V8 decides when to collect,
   * not peers
   */
  async reset(memoryBoundBytes = Number.POSITIVE_INFINITY): Promise<void> {
    this.#memoryBoundBytes = memoryBoundBytes
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

  /**
   * The memory of buffers is freed a little after their collection, and objects that a promise held in the next
   * collection: each round frees a part of a long chain. It ends when two rounds free nothing more.
   */
  async #collectAll(): Promise<void> {
    let least = Number.POSITIVE_INFINITY
    for (let round = 0, fruitless = 0; round < collect.roundsMax && fruitless < 2; round++) {
      this.#collect()
      await new Promise((resolve) => setTimeout(resolve, collect.pauseMs))
      const bytes = memoryBytes()
      fruitless = bytes < least - collect.noiseBytes ? 0 : fruitless + 1
      least = Math.min(least, bytes)
    }
  }

  #sample(): void {
    const usage = process.memoryUsage()
    const bytes = usage.heapUsed + usage.external
    this.#memoryPeakBytes = Math.max(
      this.#memoryPeakBytes,
      bytes > this.#memoryBoundBytes ? this.#heldBytes(usage) : bytes,
    )
    this.#rssPeakBytes = Math.max(this.#rssPeakBytes, usage.rss)
  }

  /**
   * The memory that remains after a garbage collection. V8 frees the buffers in the background, and the second
   * collection waits for that before it begins. `external` is updated late, and its part in buffers immediately.
   */
  #heldBytes({ external, arrayBuffers: before }: NodeJS.MemoryUsage): number {
    this.#collect()
    this.#collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + external - before + arrayBuffers
  }
}

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
