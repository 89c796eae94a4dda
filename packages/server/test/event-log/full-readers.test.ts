import { contract, event, procedure } from '@frameport/protocol'
import { type EventLog, implement, memoryEventLog, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Joined, join, opened } from '../support/joined.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    line: event(z.any(), { subscribe: 'clients', topic: z.string() }),
    ofHandlers: event(z.any()),
  },
})
const { line, ofHandlers } = room.events
const name = 'room@1/line'

function open(limits: ServerOptions<object>['limits'], kept: EventLog = memoryEventLog()) {
  const asked: number[] = []
  const log: EventLog = {
    append: (entry) => kept.append(entry),
    after: (query) => {
      asked.push(query.position?.number ?? 0)
      return kept.after(query)
    },
  }
  const stage = opened(implement(room).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => true,
    eventLogs: [{ log, events: [line] }],
    limits,
  } as never)
  let last = 0
  /** Publishes the next numbers. */
  const publish = (count = 1, topic = 'a') =>
    Array.from({ length: count }, () => stage.server.publish(line, topic, ++last))
  const settle = async (rounds = 20) => {
    for (let round = 0; round < rounds; round++) {
      await stage.settle()
      stage.clock.advance(0)
    }
  }
  return { ...stage, publish, settle, asked }
}

/** Numbers of events, and `gap` for each gap. */
const seenBy = ({ seen }: Joined) =>
  seen.map((each) => ('gap' in each ? 'gap' : (each.body as { readonly value: unknown }).value))
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** A subscriber that has no room for a second event from now on. */
async function full(stage: ReturnType<typeof open>, topics: readonly string[] = ['a']) {
  const client = await join(stage)
  for (const topic of topics) await stage.until(client.subscribeAfter(name, `"${topic}"`))
  client.channel.isFull = true
  return client
}

describe('An event that a log keeps, and for which a subscriber has no room,', () => {
  it('is read from the log when there is room, in order and once, without a gap', async () => {
    const stage = open({ slowSubscriberBytesMax: 2_000, logPageEvents: 10 })
    const client = await full(stage)
    const publications = stage.publish(100)
    await stage.settle()
    expect(stage.server.stats().events).toMatchObject({ leftOut: 0 })
    expect(stage.server.stats().events.bytesWaiting).toBeLessThanOrEqual(2_000)
    expect(publications.map(({ reached, leftOut }) => [reached, leftOut])).toEqual(
      publications.map(() => [1, 0]),
    )
    expect(stage.asked).toHaveLength(1)
    client.channel.makeRoom()
    await stage.settle()
    expect(seenBy(client)).toEqual(numbers(1, 100))
    // The subscriber receives live events again.
    const pages = stage.asked.length
    stage.publish(5)
    await stage.settle()
    expect([seenBy(client), stage.asked.length]).toEqual([numbers(1, 105), pages])
  })

  it('is neither lost nor duplicated, however often there is no room and whatever is published meanwhile', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const stage = open({ slowSubscriberBytesMax: 1_500, logPageEvents: 4 })
      const client = await full(stage)
      let published = 0
      for (let round = 0; round < 40; round++) {
        const count = (seed * 7 + round * 5) % 11
        stage.publish(count)
        published += count
        if ((seed + round) % 3 === 0) client.channel.makeRoom()
        await stage.settle((seed * round) % 4)
        if ((seed + round) % 5 === 0) client.channel.isFull = true
      }
      client.channel.makeRoom()
      await stage.settle(100)
      expect([seed, ...seenBy(client)]).toEqual([seed, ...numbers(1, published)])
    }
  })

  it('becomes a gap if the log has lost it, and the remaining events follow the gap', async () => {
    const stage = open({ slowSubscriberBytesMax: 1_000 }, memoryEventLog({ limits: { topicEventsMax: 5 } }))
    const client = await full(stage)
    stage.publish(50)
    client.channel.makeRoom()
    await stage.settle()
    const seen = seenBy(client)
    const before = seen.indexOf('gap')
    expect(before).toBeGreaterThan(0)
    expect(seen).toEqual([...numbers(1, before), 'gap', ...numbers(46, 50)])
    expect(client.seen[before]).toMatchObject({ gap: { position: { number: 45 } } })
  })

  it('stays in the log while all subscribers together exceed eventBytesWaitingMax, and is not read before there is room', async () => {
    // More than one publication needs, and less than one waiting event needs.
    const stage = open({ eventBytesWaitingMax: 270 })
    const client = await full(stage)
    stage.publish(20)
    await stage.settle()
    expect([seenBy(client), stage.asked.length]).toEqual([[1], 1])
    client.channel.makeRoom()
    await stage.settle()
    expect(seenBy(client)).toEqual(numbers(1, 20))
  })

  it('also stays in the log while a page is being read', async () => {
    const stage = open({ slowSubscriberBytesMax: 2_000 })
    const client = await full(stage, ['b'])
    const begin = await stage.until(client.subscribeAfter(name, '"c"'))
    stage.publish(3)
    for (let count = 0; count < 4; count++) client.connection.emit(ofHandlers, 'x'.repeat(1_500))
    await stage.until(client.subscribeAfter(name, '"a"', begin))
    await stage.settle()
    client.channel.makeRoom()
    await stage.settle()
    const ofLog = client.events.filter(({ event: each }) => each === name)
    expect(ofLog.map(({ position }) => position?.number)).toEqual([1, 2, 3])
    expect(client.seen.filter((each) => 'gap' in each && each.gap.event === name)).toEqual([])
  })

  it('is read again if it had waited for a page', async () => {
    const kept = memoryEventLog()
    const waiting: (() => void)[] = []
    const later: EventLog = {
      append: (entry) => kept.append(entry),
      after: (query) => {
        const reading = kept.after(query)
        return new Promise((resolve) => waiting.push(() => resolve(reading)))
      },
    }
    const stage = open({ slowSubscriberBytesMax: 1_000 }, later)
    const client = await join(stage)
    const asked = client.subscribeAfter(name, '"a"')
    await stage.settle()
    stage.publish(30)
    client.channel.isFull = true
    const answer = async () => {
      for (const give of waiting.splice(0)) give()
      await stage.settle()
    }
    await answer()
    await stage.until(asked)
    client.channel.makeRoom()
    await stage.settle()
    await answer()
    expect(seenBy(client)).toEqual(numbers(1, 30))
  })

  it('of one topic does not wait for all events of another topic', async () => {
    const stage = open({ slowSubscriberBytesMax: 500, logPageEvents: 4 })
    const client = await full(stage, ['a', 'b'])
    stage.publish(900, 'a')
    stage.publish(2, 'b')
    client.channel.makeRoom()
    await stage.settle()
    const seen = seenBy(client)
    expect(seen.toSorted((one, other) => Number(one) - Number(other))).toEqual(numbers(1, 902))
    expect(seen.indexOf(902)).toBeLessThan(300)
  })

  it('is not sent to a subscriber that has left or unsubscribed meanwhile', async () => {
    const stage = open({ slowSubscriberBytesMax: 500 })
    const client = await full(stage)
    const gone = await full(stage)
    stage.publish(20)
    gone.session.abort({ code: 'ABORTED', message: 'the test ends it' })
    await stage.until(client.subscribe(name, '"a"', 'unsubscribe'))
    const before = client.events.length
    client.channel.makeRoom()
    await stage.settle()
    expect(client.events.length).toBeLessThan(before + 5)
    expect(stage.asked).toHaveLength(2)
  })
})

it('an event of a log that is too long for a subscriber becomes a gap up to its position', async () => {
  const stage = open({})
  const client = await join(stage, { limits: { bodyBytesMax: 100 } })
  await stage.until(client.subscribeAfter(name, '"a"'))
  stage.publish()
  void stage.server.publish(line, 'a', 'x'.repeat(200))
  await stage.settle()
  expect(client.seen).toMatchObject([
    { position: { number: 1 } },
    { gap: { event: name, events: 1, position: { number: 2 } } },
  ])
})
