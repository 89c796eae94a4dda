import { createClient } from '@frameport/client'
import type { Counts, ServerAttack } from '../attack.ts'
import { target } from '../contract.ts'

const inFlight = 16

/** Typical records, 300 KB in total. */
const longInput = Array.from({ length: 3_000 }, (_, at) => ({
  id: at,
  name: `name ${at}`,
  tags: ['a', 'b'],
  text: 'x'.repeat(40),
}))

/** Chunks as from reading a file of 256 KiB. */
const chunks = Array.from({ length: 64 }, () => new Uint8Array(4 * 1024))

/** A load with as many connections as an attack has, from normal clients. */
export async function innocentLoad(attack: ServerAttack, port: number, seconds: number): Promise<Counts> {
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
  const long = async (client: (typeof clients)[number]) => {
    while (performance.now() < untilMs) {
      if (attack.innocent === 'long-inputs') await client.anything(longInput)
      else await client.large(900_000)
      counts.deeds += 1
    }
  }
  const uploads = async (client: (typeof clients)[number]) => {
    while (performance.now() < untilMs) {
      await client.swallow(chunks)
      counts.deeds += chunks.length
    }
  }
  const oneways = async (client: (typeof clients)[number]) => {
    while (performance.now() < untilMs) {
      await client.note({ text: 'innocent' })
      counts.deeds += 1
    }
  }
  const run = (client: (typeof clients)[number]) => {
    if (attack.innocent === 'uploads') return [uploads(client), uploads(client)]
    if (attack.innocent === 'oneways') return [oneways(client), oneways(client)]
    if (attack.innocent === 'idle') return [idle(client)]
    if (attack.innocent === 'busy') return Array.from({ length: inFlight }, () => busy(client))
    return [long(client), long(client)]
  }
  await Promise.all(clients.flatMap(run))
  await Promise.all(clients.map((client) => client.$close()))
  return counts
}
