import type { EventHistory, LogEntry, LoggedTopic, LogPosition, LogReading } from '@frameport/server'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { describeWithNats, type NatsServer } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import { topicToken } from '../src/subjects.ts'
import { cellar, eventOf, Followed, lobby, said } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

const page = { eventsMax: 100, bytesMax: 1_000_000 }

async function manage<Result>(
  server: NatsServer,
  work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<Result>,
): Promise<Result> {
  const client = await connect({ servers: server.url })
  try {
    return await work(await jetstreamManager(client))
  } finally {
    await client.close()
  }
}

async function streamsOf(server: NatsServer): Promise<string[]> {
  return manage(server, async (manager) => {
    const names: string[] = []
    for await (const name of manager.streams.names()) names.push(name)
    return names
  })
}

async function endOf(log: EventHistory, topic: LoggedTopic = lobby): Promise<LogPosition> {
  return (await log.after({ ...topic, position: undefined, ...page })).position
}

function lines({ entries }: { readonly entries: readonly LogEntry[] }): string[] {
  return entries.map(said)
}

describeWithNats('a log on JetStream', () => {
  test('returns the position of each event, and the events after a position', async () => {
    const log = await (await connection(await natsServer())).log()
    const first = await log.append(eventOf(lobby, 'one'))
    expect(first).toEqual({ log: expect.any(Uint8Array), number: 1 })
    expect(first.log.length).toBeGreaterThan(0)
    expect(first.log.length).toBeLessThanOrEqual(32)
    const places = await Promise.all([
      log.append(eventOf(cellar, 'elsewhere')),
      log.append(eventOf(lobby, 'two')),
      log.append(eventOf(lobby, 'three')),
    ])
    expect(places.map(({ number }) => number)).toEqual([2, 3, 4])
    const reading = await log.after({ ...lobby, position: first, ...page })
    expect(lines(reading)).toEqual(['two', 'three'])
    expect(reading).toMatchObject({ position: { number: 4 }, isEnd: true })
    expect(reading.missed).toBeUndefined()
    const behind = await log.after({ ...lobby, position: reading.position, ...page })
    expect(behind).toEqual({ entries: [], position: reading.position, isEnd: true })
    const quiet = await log.after({ ...cellar, position: places[0]!, ...page })
    expect(quiet).toEqual({ entries: [], position: reading.position, isEnd: true })
    expect(await endOf(log)).toEqual(reading.position)
  })

  test('reads pages of the requested number of events and bytes, with at least one event', async () => {
    const log = await (await connection(await natsServer())).log()
    const start = await endOf(log)
    for (const size of [10, 10, 5_000, 10, 10]) await log.append(eventOf(lobby, 'x'.repeat(size)))
    const pages: number[][] = []
    let reading: LogReading
    let position = start
    do {
      reading = await log.after({ ...lobby, position, eventsMax: 2, bytesMax: 100 })
      pages.push(reading.entries.map(({ body }) => body.bytes.length))
      position = reading.position
    } while (!reading.isEnd)
    expect(pages).toEqual([[10, 10], [5_000], [10, 10]])
    const whole = await log.after({ ...lobby, position: start, eventsMax: 5, bytesMax: 5_040 })
    expect(whole).toMatchObject({ isEnd: true })
    expect(whole.entries).toHaveLength(5)
  })

  test('reads backwards from the newest or from a position, until the start', async () => {
    const log = await (await connection(await natsServer())).log()
    for (let index = 0; index < 7; index += 1) {
      await log.append(eventOf(lobby, `line ${index}`))
      await log.append(eventOf(cellar, 'between'))
    }
    const newest = await log.before({ ...lobby, position: undefined, eventsMax: 3, bytesMax: 1_000 })
    expect(lines(newest)).toEqual(['line 4', 'line 5', 'line 6'])
    expect(newest.isStart).toBe(false)
    const older = await log.before({
      ...lobby,
      position: newest.entries[0]!.position,
      eventsMax: 3,
      bytesMax: 1_000,
    })
    expect(lines(older)).toEqual(['line 1', 'line 2', 'line 3'])
    const oldest = await log.before({
      ...lobby,
      position: older.entries[0]!.position,
      eventsMax: 3,
      bytesMax: 1_000,
    })
    expect(lines(oldest)).toEqual(['line 0'])
    expect(oldest.isStart).toBe(true)
    const none = await log.before({
      ...lobby,
      position: oldest.entries[0]!.position,
      eventsMax: 3,
      bytesMax: 1_000,
    })
    expect(none).toEqual({ entries: [], isStart: true })
    const few = await log.before({ ...lobby, position: undefined, eventsMax: 3, bytesMax: 7 })
    expect(lines(few)).toEqual(['line 6'])
    const ofAnother = { log: new Uint8Array(12), number: 3 }
    expect(await log.before({ ...lobby, position: ofAnother, eventsMax: 3, bytesMax: 1_000 })).toEqual(newest)
  })

  test('keeps an event with an id once, and returns its existing position', async () => {
    const server = await natsServer()
    const log = await (await connection(server)).log()
    const other = await (await connection(server)).log()
    const followed = new Followed()
    await other.follow?.(lobby, followed).ready
    const place = await log.append(eventOf(lobby, 'once', 'a'))
    await log.append(eventOf(lobby, 'another', 'b'))
    expect(place.isRepeat).toBeUndefined()
    expect(await other.append(eventOf(lobby, 'once', 'a'))).toEqual({ ...place, isRepeat: true })
    // An id identifies an event within its topic, and may contain any characters.
    expect((await log.append(eventOf(cellar, 'once', 'a'))).isRepeat).toBeUndefined()
    const strange = '\r\n: '.repeat(64)
    const long = await log.append(eventOf(lobby, 'long', strange))
    expect(await log.append(eventOf(lobby, 'long', strange))).toEqual({ ...long, isRepeat: true })
    await until(() => followed.all.length >= 3)
    expect(followed.all).toEqual(['once', 'another', 'long'])
  })

  test('forgets ids after rememberIdsMs', async () => {
    const log = await (await connection(await natsServer())).log({ rememberIdsMs: 100 })
    const { number } = await log.append(eventOf(lobby, 'once', 'a'))
    await until(async () => (await log.append(eventOf(lobby, 'once', 'a'))).number > number)
  })

  test('sends each follower each event of all servers once, with the number of the previous event', async () => {
    const server = await natsServer()
    const logs = [await (await connection(server)).log(), await (await connection(server)).log()]
    const followers = [new Followed(), new Followed()]
    for (const [index, log] of logs.entries()) await log.follow?.(lobby, followers[index]!).ready
    const count = 500
    await Promise.all(
      logs.flatMap((log, server) =>
        Array.from({ length: count }, (_, index) =>
          log.append(eventOf(index % 5 === 0 ? cellar : lobby, `${server}:${index}`)),
        ),
      ),
    )
    const told = (count / 5) * 4 * 2
    await until(() => followers.every(({ all }) => all.length >= told))
    // JetStream may republish messages of two connections in another order than that of the stream.
    const [one, other] = followers.map((follower) => follower.inOrder())
    expect(one).toEqual(other)
    const numbers = one!.map(({ number }) => number)
    expect(new Set(numbers).size).toBe(told)
    expect(one!.map(({ previous }) => previous)).toEqual([0, ...numbers.slice(0, -1)])
    const texts = one!.map(({ text }) => text)
    for (const server of [0, 1]) {
      const own = texts
        .filter((entry) => entry.startsWith(`${server}:`))
        .map((entry) => Number(entry.slice(2)))
      expect(own).toEqual([...own].sort((a, b) => a - b))
    }
    const reading = await logs[0]!.after({
      ...lobby,
      position: { ...followers[0]!.entries[0]!.position, number: 0 },
      ...page,
    })
    expect(lines(reading)).toEqual(texts.slice(0, 100))
  })

  test('sends a follower nothing after it has stopped, and nothing of other topics', async () => {
    const log = await (await connection(await natsServer())).log()
    const [stays, leaves] = [new Followed(), new Followed()]
    const following = log.follow?.(lobby, leaves)
    await log.follow?.(lobby, stays).ready
    await log.append(eventOf(cellar, 'elsewhere'))
    await log.append(eventOf(lobby, 'one'))
    await until(() => stays.all.length === 1)
    following?.stop()
    following?.stop()
    await log.append(eventOf(lobby, 'two'))
    await until(() => stays.all.length === 2)
    expect(leaves.all).toEqual(['one'])
  })

  test.each([
    ['count', { eventsMax: 10 }],
    ['bytes', { bytesMax: 2_500 }],
    ['count of a topic', { topicEventsMax: 10 }],
  ])('deletes the oldest events over its %s, and reports missing events', async (_, limits) => {
    const log = await (await connection(await natsServer())).log({ limits })
    const start = await endOf(log)
    for (let index = 0; index < 50; index += 1) await log.append(eventOf(lobby, `line ${index}`))
    const reading = await log.after({ ...lobby, position: start, ...page })
    expect(reading.missed).toBe(0)
    expect(lines(reading).length).toBeGreaterThan(5)
    expect(lines(reading).length).toBeLessThan(20)
    expect(lines(reading).at(-1)).toBe('line 49')
    const [, second] = reading.entries
    const behind = await log.after({ ...lobby, position: second!.position, ...page })
    expect(behind.missed).toBeUndefined()
    expect(lines(behind)).toEqual(lines(reading).slice(2))
    const before = await log.before({ ...lobby, position: undefined, ...page })
    expect(lines(before)).toEqual(lines(reading))
    expect(before.isStart).toBe(true)
  })

  test('reports no missing events for a quiet topic before a busy one, and reports those of the busy one', async () => {
    const log = await (await connection(await natsServer())).log({ limits: { topicEventsMax: 10 } })
    const start = await endOf(log)
    await log.append(eventOf(cellar, 'quiet'))
    for (let index = 0; index < 11; index += 1) await log.append(eventOf(lobby, `line ${index}`))
    const quiet = await log.after({ ...cellar, position: start, ...page })
    expect(lines(quiet)).toEqual(['quiet'])
    expect(quiet.missed).toBeUndefined()
    const busy = await log.after({ ...lobby, position: start, ...page })
    expect(lines(busy)).toHaveLength(10)
    expect(busy.missed).toBe(0)
  })

  test('appends nothing to a stream of another program with the same subjects', async () => {
    const server = await natsServer()
    const log = await (await connection(server)).log()
    const [name = ''] = await streamsOf(server)
    const kept = await manage(server, async (manager) => {
      await manager.streams.delete(name)
      await manager.streams.add({ name: 'strangers', subjects: ['frameport.log.>'] })
      await expect(log.append(eventOf(lobby, 'not there'))).rejects.toMatchObject({ code: 'LOG_LOST' })
      return (await manager.streams.info('strangers')).state.messages
    })
    expect(kept).toBe(0)
    const query = { ...lobby, position: undefined, ...page }
    await expect(log.after(query)).rejects.toMatchObject({ code: 'LOG_REFUSED' })
  })

  test('deletes events that are too old', async () => {
    const log = await (await connection(await natsServer())).log({ limits: { ageMs: 200 } })
    const start = await endOf(log)
    await log.append(eventOf(lobby, 'old'))
    await until(
      async () => (await log.before({ ...lobby, position: undefined, ...page })).entries.length === 0,
    )
    const reading = await log.after({ ...lobby, position: start, ...page })
    expect(reading).toMatchObject({ entries: [], isEnd: true, missed: 0, position: { number: 1 } })
    await log.append(eventOf(lobby, 'new'))
    expect(lines(await log.after({ ...lobby, position: reading.position, ...page }))).toEqual(['new'])
  })

  test('knows which events a topic has lost even after its limit was raised', async () => {
    const server = await natsServer()
    const small = await (await connection(server)).log({ limits: { topicEventsMax: 10 } })
    const start = await endOf(small)
    // This event stays, so that the first number of the stream does not change.
    await small.append(eventOf(cellar, 'elsewhere'))
    for (let index = 0; index < 20; index += 1) await small.append(eventOf(lobby, `line ${index}`))
    await small.append(eventOf(cellar, 'elsewhere'))
    const large = await (await connection(server)).log({ limits: { topicEventsMax: 100 } })
    const reading = await large.after({ ...lobby, position: start, ...page })
    expect(lines(reading)).toHaveLength(10)
    expect(reading.missed).toBe(0)
    for (let index = 0; index < 20; index += 1) await large.append(eventOf(lobby, `more ${index}`))
    const whole = await large.after({ ...lobby, position: reading.position, ...page })
    expect(lines(whole)).toHaveLength(20)
    expect(whole.missed).toBeUndefined()
  })

  test('has another id after its stream was deleted, and returns no old events for earlier positions', async () => {
    const server = await natsServer()
    const [one, other] = [await (await connection(server)).log(), await (await connection(server)).log()]
    const followed = new Followed()
    await other.follow?.(lobby, followed).ready
    const place = await one.append(eventOf(lobby, 'lost'))
    await until(() => followed.all.length === 1)
    const [name = ''] = await streamsOf(server)
    await manage(server, (manager) => manager.streams.delete(name))
    await expect(one.append(eventOf(lobby, 'nowhere'))).rejects.toMatchObject({ code: 'LOG_LOST' })
    let anew = place
    await until(async () => {
      const [result] = await Promise.allSettled([one.append(eventOf(lobby, 'anew'))])
      if (result?.status === 'fulfilled') anew = result.value
      return result?.status === 'fulfilled'
    })
    expect(anew.number).toBe(1)
    expect(anew.log).not.toEqual(place.log)
    for (const log of [one, other]) {
      const reading = await log.after({ ...lobby, position: place, ...page })
      expect(reading).toEqual({ entries: [], position: { ...anew }, isEnd: true, missed: 0 })
    }
    await until(() => followed.all.length >= 3)
    expect(followed.all).toEqual(['lost', 'missed', 'anew'])
    expect(followed.entries.at(-1)?.position).toEqual(anew)
    // The other server uses the new log without an error.
    expect((await other.append(eventOf(lobby, 'more'))).log).toEqual(anew.log)
    expect(await streamsOf(server)).toHaveLength(1)
  })

  test('is one log for servers that open it at the same time', async () => {
    const server = await natsServer()
    const brokers = await Promise.all(Array.from({ length: 5 }, () => connection(server)))
    const logs = await Promise.all(brokers.map((broker) => broker.log()))
    const places = await Promise.all(logs.map((log) => log.append(eventOf(lobby, 'x'))))
    expect(new Set(places.map(({ log }) => Buffer.from(log).toString('hex'))).size).toBe(1)
    expect(places.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5])
    expect(await streamsOf(server)).toHaveLength(1)
  })

  test('keeps several logs apart, by their names and prefixes', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const prefixed = await connection(server, { prefix: 'shop' })
    const logs = [
      await broker.log(),
      await broker.log({ name: 'orders', storage: 'memory' }),
      await prefixed.log(),
    ]
    for (const log of logs) expect((await log.append(eventOf(lobby, 'x'))).number).toBe(1)
    expect(await streamsOf(server)).toHaveLength(3)
  })

  test('refuses what JetStream refuses, with advice', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    await broker.log()
    await expect(broker.log({ storage: 'memory' })).rejects.toMatchObject({
      code: 'LOG_REFUSED',
      message: expect.stringContaining("storage: 'file'"),
    })
    await expect(broker.log({ name: 'copies', replicas: 3 })).rejects.toMatchObject({
      code: 'LOG_REFUSED',
      cause: expect.anything(),
    })
    await manage(server, (manager) =>
      manager.streams.add({ name: 'all', subjects: ['frameport.log.taken.>'] }),
    )
    await expect(broker.log({ name: 'taken' })).rejects.toMatchObject({
      code: 'LOG_REFUSED',
      message: expect.stringContaining('Another stream, all, already has the subjects'),
    })
    const log = await broker.log()
    const tooLong = { ...lobby, body: { encoding: 'raw' as const, bytes: new Uint8Array(1 << 20) } }
    await expect(log.append(tooLong)).rejects.toMatchObject({ code: 'EVENT_TOO_LONG' })
    const longest = { ...lobby, body: { encoding: 'raw' as const, bytes: new Uint8Array((1 << 20) - 400) } }
    const followed = new Followed()
    await log.follow?.(lobby, followed).ready
    await log.append(longest)
    await until(() => followed.entries.length > 0)
    const { entries } = await log.before({ ...lobby, position: undefined, eventsMax: 1, bytesMax: 1 })
    expect(entries.map(({ body }) => body.bytes.length)).toEqual([(1 << 20) - 400])
  })

  test('skips messages that other programs have published to its subjects', async () => {
    const server = await natsServer()
    const log = await (await connection(server)).log()
    const followed = new Followed()
    await log.follow?.(lobby, followed).ready
    const start = await endOf(log)
    await log.append(eventOf(lobby, 'ours'))
    const stranger = await connect({ servers: server.url })
    const { config } = await manage(server, async (manager) =>
      manager.streams.info((await streamsOf(server))[0] ?? ''),
    )
    stranger.publish(`${config.subjects?.[0]?.slice(0, -1)}${topicToken(lobby)}`, 'what is this?')
    await stranger.flush()
    await stranger.close()
    await log.append(eventOf(lobby, 'ours, too'))
    await until(() => followed.all.length >= 2)
    expect(followed.all).toEqual(['ours', 'ours, too'])
    const reading = await log.after({ ...lobby, position: start, ...page })
    expect(lines(reading)).toEqual(['ours', 'ours, too'])
    expect(lines(await log.before({ ...lobby, position: undefined, ...page }))).toEqual(['ours', 'ours, too'])
  })
})

describeWithNats('a NATS server without JetStream', () => {
  test('is reported when a log is opened', async () => {
    const broker = await connection(await natsServer('jetstream: false'))
    await expect(broker.log()).rejects.toMatchObject({
      code: 'JETSTREAM_OFF',
      message: expect.stringContaining('-js'),
    })
  })
})
