import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompletionPort } from '../../src/index.ts'

/** What a process holds. Memory is read after a collection, so that only what is still reachable counts. */
export interface Usage {
  readonly descriptors: number
  readonly threads: number
  readonly heapBytes: number
  readonly residentBytes: number
}

/** Linux alone lists them; elsewhere the port's own count of handles has to do. */
const listed = existsSync('/proc/self/fd')

export async function usage(): Promise<Usage> {
  if (global.gc === undefined) throw new Error('memory is read after a collection: run node with --expose-gc')
  // Finalizers run after a collection, and free what the next one finds.
  for (let round = 0; round < 3; round++) {
    global.gc()
    await delay(10)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    // Reading the folder takes a descriptor of its own, each time the same.
    descriptors: listed ? readdirSync('/proc/self/fd').length : 0,
    threads: listed ? readdirSync('/proc/self/task').filter(isOurs).length : 0,
    heapBytes: heapUsed + external,
    residentBytes: rss,
  }
}

/** The kernel lends io_uring threads of its own (`iou-wrk-…`) for what would block, and takes them back seconds later. */
function isOurs(thread: string): boolean {
  try {
    return !readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('iou-')
  } catch {
    // It has ended since it was listed.
    return false
  }
}

/** Goes round the event loop until it holds. */
export async function until(holds: () => boolean, what: () => string, patienceMs = 60_000): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came to hold: ${what()}`)
    await delay(2)
  }
}

/** So many idle connections: each has one receive in flight, one descriptor, and no buffer. Listeners have theirs. */
export function isHolding(port: CompletionPort, count: number): boolean {
  const { listeners, connections, operationsInFlight, buffersInUse, handles, timers } = port.counters
  return (
    connections === count &&
    operationsInFlight === count + listeners &&
    buffersInUse === 0 &&
    handles === count + listeners &&
    timers === 0
  )
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
