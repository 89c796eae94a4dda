import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompletionPort } from '../../src/index.ts'

/** The resources of a process. Memory is read after a garbage collection, so that only reachable objects count. */
export interface Usage {
  readonly descriptors: number
  readonly threads: number
  readonly heapBytes: number
  readonly residentBytes: number
}

/** Only Linux lists them; on other systems the port's own count of handles has to suffice. */
const listed = existsSync('/proc/self/fd')

export async function usage(): Promise<Usage> {
  if (global.gc === undefined) throw new Error('memory is read after a collection: run node with --expose-gc')
  // Finalizers run after a collection and release objects, which the next collection frees.
  for (let round = 0; round < 3; round++) {
    global.gc()
    await delay(10)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    // Includes the descriptor that reads the folder, the same each time.
    descriptors: listed ? readdirSync('/proc/self/fd').length : 0,
    threads: listed ? readdirSync('/proc/self/task').filter(isOurs).length : 0,
    heapBytes: heapUsed + external,
    residentBytes: rss,
  }
}

/** The kernel starts threads for io_uring requests that would block (`iou-wrk-…`), and ends them seconds later. */
function isOurs(thread: string): boolean {
  try {
    return !readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('iou-')
  } catch {
    // It has ended since it was listed.
    return false
  }
}

/** A test that expects a condition never to hold sets a shorter time. */
const defaultPatienceMs = Number(process.env.FRAMEPORT_SOAK_PATIENCE_MS ?? 60_000)

/** Runs the event loop until the condition holds. */
export async function until(
  holds: () => boolean,
  what: () => string,
  patienceMs = defaultPatienceMs,
): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came to hold: ${what()}`)
    await delay(2)
  }
}

/** Whether the port holds only its listeners and `count` idle connections, each with a receive but no buffer. */
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
