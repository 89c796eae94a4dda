import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** Times at which the machine was started are the same one when they differ by less: clocks are set now and then. */
const sameBootMs = 10_000

/** Names the time for which the machine has been running: another one after a loss of power. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `started ${Math.round(Date.now() - uptime() * 1000)}`
  }
}

/** False as well where it cannot be known. */
export function isSameBoot(one: string, other: string): boolean {
  const [first, second] = [one, other].map((id) => Number(/^started (\d+)$/.exec(id)?.[1]))
  return one === other || Math.abs((first as number) - (second as number)) < sameBootMs
}
