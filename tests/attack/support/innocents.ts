import { createClient } from '@frameport/client'
import type { Attack, Counts } from './attack.ts'
import { target } from './contract.ts'

const inFlight = 16

/** A load of as many connections as an attack has, of clients that do what clients do. */
export async function innocentLoad(attack: Attack, port: number, seconds: number): Promise<Counts> {
  const counts: Counts = { bytes: 0, deeds: 0 }
  const untilMs = performance.now() + seconds * 1000
  const clients = Array.from({ length: attack.connections }, () =>
    createClient(target, `tcp://127.0.0.1:${port}`),
  )
  const busy = async (client: (typeof clients)[number]) => {
    while (performance.now() < untilMs) {
      await client.echo({ text: 'innocent' })
      counts.deeds += 1
    }
  }
  const idle = async (client: (typeof clients)[number]) => {
    while (performance.now() < untilMs) {
      await client.echo({ text: 'innocent' })
      counts.deeds += 1
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
  const run = (client: (typeof clients)[number]) =>
    attack.innocent === 'idle' ? [idle(client)] : Array.from({ length: inFlight }, () => busy(client))
  await Promise.all(clients.flatMap(run))
  await Promise.all(clients.map((client) => client.$close()))
  return counts
}
