import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { club } from './club.ts'
import { inEveryOutage, inEveryWorld } from './in-every-world.ts'

const { news, shout } = club.events
const texts = (from: string, count: number) => Array.from({ length: count }, (_, at) => `${from}${at}`)
const of = (from: string, heard: readonly string[]) => heard.filter((text) => text.startsWith(from))

inEveryWorld(
  'an event that one server publishes reaches the subscribers of all servers, once each',
  async ({ branch, guest }) => {
    const branches = [await branch(), await branch(), await branch()]
    const guests = await Promise.all(branches.map((of) => guest(of, 'news')))
    const elsewhere = await guest(branches[1]!, 'news', 'garden')
    expect(await branches[0]!.server.publish(news, { room: 'bar' }, 'one')).toBe(1)
    await branches[2]!.server.publish(news, { room: 'bar' }, 'two')
    await branches[0]!.server.publish(news, { room: 'garden' }, 'three')
    for (const { heard } of guests) await expect.poll(() => [...heard].sort()).toEqual(['one', 'two'])
    await expect.poll(() => elsewhere.heard).toEqual(['three'])
    expect(branches.flatMap(({ complaints }) => complaints)).toEqual([])
  },
)

inEveryWorld(
  'the events of each server arrive in its order, even if another server publishes at the same time',
  async ({ branch, guest }) => {
    const branches = [await branch(), await branch()]
    const guests = await Promise.all(branches.map((of) => guest(of, 'shout')))
    const publish = async (from: 'a' | 'b', index: number) => {
      for (const text of texts(from, 500)) {
        const published = branches[index]!.server.publish(shout, { room: 'bar' }, text)
        if (text.endsWith('9')) await published
      }
    }
    await Promise.all([publish('a', 0), publish('b', 1)])
    for (const { heard } of guests) {
      await expect.poll(() => heard.length).toBe(1_000)
      expect([of('a', heard), of('b', heard)]).toEqual([texts('a', 500), texts('b', 500)])
    }
  },
)

inEveryWorld('unusual topics and texts arrive unchanged', async ({ branch, guest }) => {
  const here = await branch()
  const there = await branch()
  const rooms = ['', ' ', '.', '*', '>', 'a.b', 'a b', 'é🙂', '\u0000\n\r\t', '$SYS.>', 'x'.repeat(900)]
  for (const room of rooms) {
    const { heard, client } = await guest(there, 'shout', room)
    await here.server.publish(shout, { room }, `in ${room}`)
    await expect.poll(() => heard, { message: JSON.stringify(room) }).toEqual([`in ${room}`])
    await client.$close()
  }
})

inEveryWorld(
  'a topic that has lost its last subscriber delivers events to the next subscriber',
  async ({ branch, guest }) => {
    const here = await branch()
    const there = await branch()
    for (let round = 0; round < 10; round++) {
      const { heard, client } = await guest(there, 'shout')
      await here.server.publish(shout, { room: 'bar' }, `round ${round}`)
      await expect.poll(() => heard).toEqual([`round ${round}`])
      await client.$close()
      await expect.poll(() => there.server.stats().topics).toBe(0)
      await here.server.publish(shout, { room: 'bar' }, 'nobody hears it')
    }
  },
)

inEveryWorld(
  'events that are published faster than they are sent take limited memory, and all arrive',
  async ({ branch, guest }) => {
    const here = await branch()
    const there = await branch()
    const { heard } = await guest(there, 'shout')
    const text = 'x'.repeat(1_000)
    let mostWaiting = 0
    for (let index = 0; index < 20_000; index++) {
      await here.server.publish(shout, { room: 'bar' }, text)
      mostWaiting = Math.max(mostWaiting, here.server.stats().events.bytesWaiting)
      // A bus in this thread never waits.
      if (index % 100 === 0) await setImmediate()
    }
    expect(mostWaiting).toBeLessThan(1024 * 1024)
    await expect.poll(() => heard.length).toBe(20_000)
    expect(here.server.stats().events.bytesWaiting).toBe(0)
  },
)

inEveryWorld('a server that closes does not disturb the others', async ({ branch, guest }) => {
  const here = await branch()
  const there = await branch()
  const leaving = await branch()
  const { heard } = await guest(there, 'shout')
  await guest(leaving, 'shout')
  await leaving.server.close({ graceMs: 0 })
  for (const text of texts('a', 100)) await here.server.publish(shout, { room: 'bar' }, text)
  await expect.poll(() => heard).toEqual(texts('a', 100))
  expect(here.complaints).toEqual([])
})

inEveryOutage(
  'publish fails while the broker is unreachable, and afterwards the clients of other servers get a gap',
  async ({ branch, guest }, outage) => {
    const here = await branch()
    const there = await branch()
    const own = await guest(here, 'shout')
    const other = await guest(there, 'shout')
    await here.server.publish(shout, { room: 'bar' }, 'before')
    await expect.poll(() => other.heard).toEqual(['before'])
    await outage.begin()
    const lost = here.server.publish(shout, { room: 'bar' }, 'meanwhile')
    await expect(Promise.resolve(lost)).rejects.toMatchObject({ code: 'BUS_FAILED' })
    await expect.poll(() => own.heard).toEqual(['before', 'meanwhile'])
    await outage.end()
    // One gap for what this server may have missed, and perhaps one for what the other could not send.
    await expect.poll(() => other.heard[1]).toBe('gap')
    await expect
      .poll(() =>
        Promise.resolve(here.server.publish(shout, { room: 'bar' }, 'after')).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await expect.poll(() => other.heard.at(-1)).toBe('after')
    const events = other.heard.filter((text) => text !== 'gap')
    expect([events[0], new Set(events.slice(1))]).toEqual(['before', new Set(['after'])])
    expect(here.complaints.length).toBeLessThan(10)
  },
)
