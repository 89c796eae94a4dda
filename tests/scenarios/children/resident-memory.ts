import { readFileSync, writeFileSync } from 'node:fs'

/**
 * proc(5): writing 5 sets the peak of the resident memory to its current size. @returns a function that returns its
 * growth since then, in MiB
 */
export function watchMemory({ collects = true } = {}): () => number {
  if (collects) globalThis.gc?.()
  writeFileSync('/proc/self/clear_refs', '5')
  const before = statusMiB('VmRSS')
  return () => statusMiB('VmHWM') - before
}

function statusMiB(name: string): number {
  const kilobytes = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
