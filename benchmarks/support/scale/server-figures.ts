import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as later } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import type { ServerMemory, ServerPauses } from './messages.ts'

/** What a server says of its own process. Collects by hand, which needs --expose-gc. */
export class ServerFigures {
  #pauses: number[] = []

  constructor() {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#pauses.push(duration)
    }).observe({ entryTypes: ['gc'] })
  }

  /** Twice: what the first collection finalises is freed by the second one, whose time counts. */
  memory(): ServerMemory {
    globalThis.gc?.()
    const began = performance.now()
    globalThis.gc?.()
    const collectionMs = performance.now() - began
    const { used_heap_size, external_memory } = getHeapStatistics()
    return { heapBytes: used_heap_size + external_memory, collectionMs }
  }

  watch(): void {
    this.#pauses = []
  }

  /** Node.js reports a collection some turns after it. */
  async pauses(): Promise<ServerPauses> {
    await later(20)
    return {
      collections: this.#pauses.length,
      longestCollectionMs: Math.max(0, ...this.#pauses),
      collectionsMs: this.#pauses.reduce((sum, ms) => sum + ms, 0),
    }
  }
}
