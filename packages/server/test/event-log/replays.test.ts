import { contract, event, procedure } from '@frameport/protocol'
import { type EventLog, implement, memoryEventLog, type ServerOptions } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Joined, join, opened } from '../support/joined.ts'
import { TestClock } from '../support/test-clock.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    line: event(z.any(), { subscribe: 'clients', topic: z.string() }),
    other: event(z.any(), { subscribe: 'clients', topic: z.string() }),
    ofHandlers: event(z.any()),
  },
})
const { line } = room.events
const name = 'room@1/line'

function open(log: EventLog | undefined, options: Partial<ServerOptions<object>> = {}, clock?: TestClock) {
  const stage = opened(
    implement(room).handlers({ ping: () => undefined }),
    {
      authorizeSubscribe: () => true,
      ...(log === undefined ? {} : { eventLogs: [{ log, events: [line] }] }),
      ...options,
    } as never,
    clock,
  )
  let last = 0
  /** Publishes the next numbers. */
  const publish = (count = 1, topic = 'a') => {
    for (let index = 0; index < count; index++) void stage.server.publish(line, topic, ++last)
  }
  return { ...stage, stage, publish }
}

/**
 * Delays the answers of another log until the test releases them. An answer shows the log as of the question, or as of
 * the release.
 */
function slow(when: 'asked' | 'answering' = 'asked', inner: EventLog = memoryEventLog()) {
  const waiting: (() => void)[] = []
  const later = <Answer>(ask: () => Answer) =>
    new Promise<Awaited<Answer>>((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(ask() as Awaited<Answer>)
        } catch (error) {
          reject(error)
        }
      })
    })
  const log: EventLog = {
    append: (entry) => inner.append(entry),
    after: (query) => {
      const reading = inner.after(query)
      return later(() => (when === 'asked' ? reading : inner.after(query)))
    },
  }
  return { log, waiting, later, inner }
}

/** Numbers of events, and `gap` for each gap. */
const seenBy = ({ seen }: Joined) =>
  seen.map((each) => ('gap' in each ? 'gap' : (each.body as { readonly value: unknown }).value))
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** Waits until the client has seen `count` events and gaps. Each round is a turn of the event loop. */
async function hasSeen(stage: ReturnType<typeof open>, client: Joined, count: number) {
  for (let round = 0; round < 10_000 && client.seen.length < count; round++) {
    await stage.settle()
    stage.clock.advance(0)
  }
}

describe('An event that a log keeps', () => {
  it('is sent with its position, and a subscription reports the position where its events begin', async () => {
    const stage = open(memoryEventLog())
    stage.publish(2)
    const client = await join(stage)
    const begin = await stage.until(client.subscribeAfter(name, '"a"'))
    stage.publish(2)
    await stage.settle()
    expect(begin?.number).toBe(2)
    expect(client.events.map(({ position }) => position?.number)).toEqual([3, 4])
    expect(client.events[0]?.position?.log).toEqual(begin?.log)
  })

  it('has no position if no log keeps it, and neither has the answer to the subscription', async () => {
    const stage = open(undefined)
    const client = await join(stage)
    expect(await stage.until(client.subscribeAfter(name, '"a"'))).toBeUndefined()
    stage.publish()
    await stage.settle()
    expect(client.events).toEqual([{ event: name, topic: '"a"', body: { kind: 'value', value: 1 } }])
  })

  it('is sent again, in order and once, if it is after the requested position, and later events follow', async () => {
    const stage = open(memoryEventLog(), { limits: { logPageEvents: 10 } })
    stage.publish(5)
    const first = await join(stage)
    const begin = await stage.until(first.subscribeAfter(name, '"a"'))
    stage.publish(95)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', begin))
    stage.publish(20)
    await hasSeen(stage, client, 115)
    stage.publish(5)
    await stage.settle()
    expect(seenBy(client)).toEqual(numbers(6, 125))
    expect(client.events.map(({ position }) => position?.number)).toEqual(numbers(6, 125))
    expect(seenBy(first)).toEqual(numbers(6, 125))
  })

  it.each(['asked', 'answering'] as const)(
    'is neither lost nor duplicated, whenever it is published while the log is read (it answers as of %s)',
    async (when) => {
      for (let publishAt = 0; publishAt < 12; publishAt++) {
        const { log, waiting } = slow(when)
        const stage = open(log, { limits: { logPageEvents: 4 } })
        const client = await join(stage)
        stage.publish(10)
        const asked = client.subscribeAfter(name, '"a"', undefined)
        await stage.settle()
        let published = 10
        for (let round = 0; round < 12; round++) {
          if (round === publishAt) {
            stage.publish(2)
            published += 2
          }
          waiting.shift()?.()
          await stage.settle()
        }
        const begin = await stage.until(asked)
        const again = await join(stage)
        const askedAgain = stage.until(again.subscribeAfter(name, '"a"', { ...begin!, number: 3 }))
        for (let round = 0; round < 40; round++) {
          if (round === publishAt) {
            stage.publish(3)
            published += 3
          }
          waiting.shift()?.()
          await stage.settle()
        }
        await askedAgain
        expect([publishAt, ...seenBy(client)]).toEqual([publishAt, ...numbers(begin!.number + 1, published)])
        expect([publishAt, ...seenBy(again)]).toEqual([publishAt, ...numbers(4, published)])
      }
    },
  )

  it('is read from the log again if too many events would have to wait for the current page', async () => {
    const { log, waiting } = slow()
    const stage = open(log, { limits: { logPageEvents: 4 } })
    stage.publish(3)
    const client = await join(stage)
    const position = { ...(await memoryPosition(log, waiting)), number: 0 }
    await stage.until(client.subscribeAfter(name, '"a"', position))
    await stage.settle()
    stage.publish(50)
    for (let round = 0; round < 100; round++) {
      waiting.shift()?.()
      await stage.settle()
    }
    expect(seenBy(client)).toEqual(numbers(1, 53))
  })

  it('that follows an unknown position causes a gap, which has the position after which events continue', async () => {
    const stage = open(memoryEventLog())
    stage.publish(3)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', { log: Uint8Array.of(1), number: 1 }))
    stage.publish()
    await stage.settle()
    expect(client.seen).toMatchObject([
      { gap: { event: name, topic: '"a"', events: 0, position: { number: 3 } } },
      { body: { value: 4 }, position: { number: 4 } },
    ])
  })

  it('causes a gap before the remaining events if the log has forgotten it', async () => {
    const stage = open(memoryEventLog({ limits: { topicEventsMax: 2 } }))
    const first = await join(stage)
    const begin = await stage.until(first.subscribeAfter(name, '"a"'))
    stage.publish(5)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', begin))
    await stage.settle()
    expect(client.seen).toMatchObject([
      { gap: { events: 0, position: { number: 3 } } },
      { position: { number: 4 } },
      { position: { number: 5 } },
    ])
  })

  it('causes a gap for a subscriber that gives a position, if no log keeps the event', async () => {
    const stage = open(undefined)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', { log: Uint8Array.of(1), number: 1 }))
    stage.publish()
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap', 1])
  })

  it('is not sent without permission, or after the client has unsubscribed', async () => {
    const { log, waiting } = slow()
    const stage = open(log, { authorizeSubscribe: ({ topic }) => topic === 'a' })
    stage.publish(3, 'a')
    stage.publish(3, 'b')
    const client = await join(stage)
    const position = { ...(await memoryPosition(log, waiting)), number: 0 }
    await expect(stage.until(client.subscribeAfter(name, '"b"', position))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    const asked = client.subscribeAfter(name, '"a"')
    await stage.settle()
    const takenBack = client.subscribe(name, '"a"', 'unsubscribe')
    await stage.settle()
    for (const answer of waiting.splice(0)) answer()
    await stage.until(Promise.all([asked, takenBack]))
    stage.publish(1, 'a')
    await stage.settle()
    expect([seenBy(client), stage.server.stats().topics]).toEqual([[], 0])
  })

  it('waits for a subscriber that does not read, and is sent when the subscriber reads again', async () => {
    const stage = open(memoryEventLog())
    const client = await join(stage)
    const begin = await stage.until(client.subscribeAfter(name, '"b"'))
    for (let index = 0; index < 300; index++) stage.server.publish(line, 'a', index)
    client.channel.isFull = true
    const asked = client.subscribeAfter(name, '"a"', begin)
    await stage.until(asked)
    for (let round = 0; round < 50; round++) await stage.settle()
    const arrived = client.events.length
    expect(arrived).toBeLessThan(3)
    expect(client.connection.queuedBytes).toBeLessThan(1_000)
    client.channel.makeRoom()
    await hasSeen(stage, client, 300)
    expect(seenBy(client)).toEqual(numbers(0, 299))
  })

  it('is sent 20,000 times in many turns of the event loop', async () => {
    // A clock with the turns of the event loop: with virtual time, all of them would be in one turn.
    const clock = Object.assign(new TestClock(), { nextTurn: (run: () => void) => void setImmediate(run) })
    const stage = open(memoryEventLog({ limits: { topicEventsMax: 20_000 } }), {}, clock)
    const client = await join(stage)
    const begin = await stage.until(client.subscribeAfter(name, '"b"'))
    stage.publish(20_000)
    await stage.until(client.subscribeAfter(name, '"a"', begin))
    let turns = 0
    for (; client.events.length < 20_000 && turns < 20_000; turns++) {
      const before = client.events.length
      await stage.settle()
      expect(client.events.length - before).toBeLessThan(1_000)
    }
    expect(seenBy(client)).toEqual(numbers(1, 20_000))
    expect(turns).toBeGreaterThan(40)
  })

  it('of one topic waits for the page of another topic, so that a connection reads one page at a time', async () => {
    const { log, waiting } = slow()
    const stage = open(log)
    for (const topic of ['a', 'b']) stage.publish(2, topic)
    const client = await join(stage)
    const position = { ...(await memoryPosition(log, waiting)), number: 0 }
    await stage.until(client.subscribeAfter(name, '"a"', position))
    await stage.until(client.subscribeAfter(name, '"b"', position))
    await stage.settle()
    expect(waiting).toHaveLength(1)
    for (let round = 0; round < 10; round++) {
      waiting.shift()?.()
      await stage.settle()
    }
    expect(seenBy(client)).toEqual([1, 2, 3, 4])
  })
})

async function memoryPosition(log: EventLog, waiting: (() => void)[]) {
  const reading = log.after({ event: name, topic: '"a"', position: undefined, eventsMax: 1, bytesMax: 1 })
  waiting.shift()?.()
  return (await reading).position
}
