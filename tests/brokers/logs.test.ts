import { createClient } from '@frameport/client'
import { readHistory } from '@frameport/server'
import { expect, onTestFinished } from 'vitest'
import { Draw } from '../support/draw.ts'
import { type Branch, club } from './club.ts'
import { inEveryOutage, inEveryWorld } from './in-every-world.ts'

const { line } = club.events
const room = { room: 'bar' }
const texts = (from: string, count: number) => Array.from({ length: count }, (_, at) => `${from}${at}`)

/** The events of the room in the log, read backwards from its end. */
async function kept(log: Branch['log']): Promise<string[]> {
  const lines: string[] = []
  let before: Awaited<ReturnType<typeof readHistory>>['start']
  for (;;) {
    const page = await readHistory(log, line, room, { before, eventsMax: 37 })
    lines.unshift(...page.events.map(({ payload }) => payload))
    if (page.isStart) return lines
    before = page.start
  }
}

inEveryWorld(
  'all servers deliver the events of a topic once each, in the order of the log',
  async ({ branch, guest }) => {
    const branches = [await branch(), await branch()]
    const guests = await Promise.all([...branches, ...branches].map((of) => guest(of, 'line')))
    const publish = async (from: string, { server }: Branch) => {
      for (const text of texts(from, 300)) {
        const published = server.publish(line, room, text)
        if (text.endsWith('9')) await published
      }
    }
    await Promise.all([publish('a', branches[0]!), publish('b', branches[1]!)])
    for (const { heard } of guests) await expect.poll(() => heard.length).toBe(600)
    const order = await kept(branches[0]!.log)
    expect(order.filter((text) => text.startsWith('a'))).toEqual(texts('a', 300))
    expect(order.filter((text) => text.startsWith('b'))).toEqual(texts('b', 300))
    for (const { heard } of guests) expect(heard).toEqual(order)
    expect(await kept(branches[1]!.log)).toEqual(order)
  },
)

inEveryWorld(
  'a publication returns its position in the log, and how many subscribers its own server reached',
  async ({ branch, guest }) => {
    const here = await branch()
    const there = await branch()
    await guest(here, 'line')
    const first = here.server.publish(line, room, 'one')
    expect(await first).toBe(1)
    const second = there.server.publish(line, room, 'two')
    await second
    expect(first.isRepeat).toBe(false)
    expect(second.position!.number).toBeGreaterThan(first.position!.number)
    expect(second.position!.log).toEqual(first.position!.log)
  },
)

inEveryWorld(
  'an event with an id is stored once, no matter which server publishes it again',
  async ({ branch, guest }) => {
    const here = await branch()
    const there = await branch()
    const { heard } = await guest(there, 'line')
    const first = here.server.publish(line, room, 'one', { id: 'ann/1' })
    await first
    for (const { server } of [here, there, here]) {
      const again = server.publish(line, room, 'one', { id: 'ann/1' })
      await again
      expect([again.isRepeat, again.position?.number]).toEqual([true, first.position?.number])
    }
    await there.server.publish(line, room, 'two', { id: 'ann/2' })
    await here.server.publish(line, { room: 'garden' }, 'three', { id: 'ann/1' })
    await expect.poll(() => heard).toEqual(['one', 'two'])
    expect(await kept(here.log)).toEqual(['one', 'two'])
  },
)

inEveryWorld(
  'a client that moves from server to server gets each event once and in order',
  async ({ branch, guest }) => {
    for (const seed of [1, 2, 3]) {
      const draw = new Draw(seed)
      const branches = [await branch(), await branch(), await branch()]
      const where = { room: `seed ${seed}` }
      const heard: string[] = []
      let listening = 0
      // One client that loses its server repeatedly, and continues at the next address.
      const client = createClient(
        club,
        branches.map(({ url }) => url),
        {
          backend: 'net',
          reconnect: { delayMs: 1, delayMaxMs: 50 },
          onEventGap: () => void heard.push('gap'),
        },
      )
      onTestFinished(() => client.$close())
      await client.$on('line', where, (text) => void heard.push(text)).subscribed
      const watcher = await guest(branches[0]!, 'line', where.room)
      let published = 0
      for (let round = 0; round < 40; round++) {
        const all: PromiseLike<number>[] = []
        for (let count = draw.int(0, 19); count > 0; count--) {
          published += 1
          all.push(branches[draw.int(0, 2)]!.server.publish(line, where, `${published}`))
        }
        if (draw.chance(0.4)) {
          const { connections } = branches[draw.int(0, 2)]!.server
          for (const connection of connections) void connection.close({ graceMs: 0 })
          listening += 1
        }
        await Promise.all(all)
      }
      await expect.poll(() => heard.length, { timeout: 30_000 }).toBe(published)
      await expect.poll(() => watcher.heard.length).toBe(published)
      expect(new Set(heard).size, `seed ${seed}`).toBe(published)
      const { events } = await readHistory(branches[1]!.log, line, where, {
        eventsMax: 1_000,
        bytesMax: 1_000_000,
      })
      expect(heard, `seed ${seed}`).toEqual(events.map(({ payload }) => payload))
      expect(listening).toBeGreaterThan(5)
    }
  },
)

inEveryOutage(
  'publish fails while the log is unreachable, and afterwards no event is missing or duplicated',
  async ({ branch, guest }, outage) => {
    const here = await branch()
    const there = await branch()
    const guests = [await guest(here, 'line'), await guest(there, 'line')]
    const taken: string[] = []
    const publish = async (text: string) => {
      const { server } = text.length % 2 === 0 ? here : there
      try {
        await server.publish(line, room, text, { id: text })
        taken.push(text)
        return true
      } catch {
        return false
      }
    }
    for (let round = 0; round < 3; round++) {
      for (const text of texts(`r${round}-`, 20)) expect(await publish(text)).toBe(true)
      await outage.begin()
      expect(await publish(`lost${round}`)).toBe(false)
      await outage.end()
      // Each server continues by itself: a text of even length goes to this one, and one of odd length to the other.
      for (const text of [`again${round}`, `again-${round}`]) {
        await expect.poll(() => publish(text), { timeout: 30_000 }).toBe(true)
      }
    }
    // Unconfirmed events may be there, too.
    const order = await kept(here.log)
    expect(order.filter((text) => taken.includes(text))).toEqual(taken)
    expect(new Set(order).size).toBe(order.length)
    for (const { heard } of guests) {
      await expect.poll(() => heard.filter((text) => text !== 'gap')).toEqual(order)
    }
  },
)
