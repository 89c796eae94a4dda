import { setTimeout as later } from 'node:timers/promises'
import { type Program, withPairs } from '../program-pair.ts'
import { askScale } from './ask-scale.ts'

/** CPU milliseconds per second of each server for sessions with only heartbeats; all servers are idle at the same time. */
export function measureHeartbeats(
  programs: readonly Program[],
  { connections, ms }: { readonly connections: number; readonly ms: number },
): Promise<readonly number[]> {
  return withPairs(programs, async (pairs) => {
    for (const { client } of pairs) await askScale(client, { ask: 'hold', connections })
    const before = pairs.map(({ server }) => server.cpuNs())
    const began = performance.now()
    await later(ms)
    const seconds = (performance.now() - began) / 1000
    return pairs.map(({ server }, at) => (server.cpuNs() - before[at]!) / 1e6 / seconds)
  })
}
