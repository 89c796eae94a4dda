import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as later } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import type { HeapState } from './messages.ts'

/** What this process uses. Made once, because it counts collections from there on. */
export class Heap {
  #collections = 0

  constructor() {
    // Bun reports no collections.
    if (process.versions.bun !== undefined) return
    new PerformanceObserver((list) => {
      this.#collections += list.getEntries().length
    }).observe({ entryTypes: ['gc'] })
  }

  /** Node.js reports a collection some turns after it, so the count waits for what is on its way. */
  async state(): Promise<HeapState> {
    const { used_heap_size, external_memory } = getHeapStatistics()
    await later(20)
    return { usedBytes: used_heap_size + external_memory, collections: this.#collections }
  }
}
