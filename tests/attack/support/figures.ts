import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What a process under attack has gone through. Milliseconds and bytes. */
export interface Figures {
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Objects of JavaScript, buffers and what addons took, at the highest. What was above the bound is without garbage. */
  readonly memoryPeakBytes: number
  /** The same after a collection, now. */
  readonly memoryBytes: number
  readonly rssPeakBytes: number
}

const sampleMs = 25

/** Of the collections before a figure counts. What holds on for longer than these rounds is held. */
const collect = { roundsMax: 20, pauseMs: 20, noiseBytes: 64 * 1024 }

/** Measures this process from {@link reset} on. */
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

  /** @param memoryBoundBytes what is above it is collected before it counts: when to collect is up to V8, and not to peers */
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
   * What buffers held is free a little after their collection, and what held on to others by a promise one later: each round of a
   * long chain frees some of it. It is done when two rounds find nothing more.
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
   * What is left after a collection. The buffers that it found are freed beside the program, and the begin of a second one waits for
   * that. `external` follows late, and what of it is in buffers at once.
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
