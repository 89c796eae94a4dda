import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** Start times of the machine that differ by less than this count as equal, because clocks are adjusted sometimes. */
const sameBootMs = 10_000

/** Identifies the current run of the machine: it differs after a loss of power. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `started ${Math.round(Date.now() - uptime() * 1000)}`
  }
}

/** Returns false if it cannot be determined. */
export function isSameBoot(one: string, other: string): boolean {
  const [first, second] = [one, other].map((id) => Number(/^started (\d+)$/.exec(id)?.[1]))
  return one === other || Math.abs((first as number) - (second as number)) < sameBootMs
}
