import { type CreateClientOptions, createClient } from '@frameport/client'
import type { ClientAttack, Counts } from '../attack.ts'
import { usedTarget } from '../contract.ts'
import { pause } from '../pour.ts'

/** The maximum length of an item, event or answer. Longer data are sent in several. */
const bytesMax = 900_000
const callersEach = 16

/** The share of one connection: this many messages of this many bytes. */
interface Portion {
  readonly count: number
  readonly bytes: number
  readonly seconds: number
}

type Taker = (port: number, options: CreateClientOptions, portion: Portion, room: string) => Promise<number>

const takers: Readonly<Record<ClientAttack['innocent'], Taker>> = {
  async items(port, options, portion) {
    const client = createClient(usedTarget, `tcp://127.0.0.1:${port}`, options)
    let came = 0
    const stream = client.feed(portion, { deadlineMs: 1000 * portion.seconds })
    try {
      for await (const _ of stream) came++
    } catch {
      // An honest server need not be as fast as a hostile one, so the received messages are counted.
    }
    await client.$close()
    return came
  },
  async uploads(port, options, { count, bytes, seconds }) {
    const client = createClient(usedTarget, `tcp://127.0.0.1:${port}`, options)
    const startedAtMs = performance.now()
    const chunk = new Uint8Array(bytes)
    let went = 0
    async function* chunks() {
      for (; went < count; went++) {
        const dueMs = startedAtMs + (went * seconds * 1000) / count - performance.now()
        if (dueMs > 0) await pause(dueMs)
        yield chunk
      }
    }
    await client.swallow(chunks, { deadlineMs: 1000 * seconds }).catch(() => undefined)
    await client.$close()
    return went
  },
  async events(port, options, portion, room) {
    const client = createClient(usedTarget, `tcp://127.0.0.1:${port}`, options)
    let came = 0
    client.$on('line', { room }, () => came++)
    await client.subscribe({ room })
    await client.publish({ ...portion, room }, { deadlineMs: 1000 * portion.seconds }).catch(() => undefined)
    await client.$close()
    return came
  },
  async answers(port, options, { count, bytes, seconds }) {
    const client = createClient(usedTarget, `tcp://127.0.0.1:${port}`, options)
    const startedAtMs = performance.now()
    let begun = 0
    let came = 0
    const caller = async () => {
      for (let number = begun++; number < count; number = begun++) {
        const dueMs = startedAtMs + (number * seconds * 1000) / count - performance.now()
        if (dueMs > 0) await pause(dueMs)
        if (performance.now() > startedAtMs + 1000 * seconds) return
        await client.large(bytes)
        came++
      }
    }
    await Promise.all(Array.from({ length: callersEach }, caller))
    await client.$close()
    return came
  },
}

/**
 * Sends what an honest server would send to as many clients as the attack had: as many deeds, with as many bytes in
 * total.
 */
export async function honestLoad(
  { innocent, connections }: Pick<ClientAttack, 'innocent' | 'connections'>,
  port: number,
  seconds: number,
  { deeds, bytes }: Counts,
  options: CreateClientOptions,
): Promise<Counts> {
  const each = Math.max(1, Math.round(bytes / Math.max(1, deeds)))
  const parts = Math.ceil(each / bytesMax)
  const portion = {
    count: Math.ceil((deeds * parts) / connections),
    bytes: Math.max(1, Math.round(each / parts)),
    seconds,
  }
  const came = await Promise.all(
    Array.from({ length: connections }, (_, at) => takers[innocent](port, options, portion, `room ${at}`)),
  )
  const total = came.reduce((sum, one) => sum + one, 0)
  return { deeds: total, bytes: total * portion.bytes }
}
