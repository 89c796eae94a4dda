import { contract, event, procedure } from '@frameport/protocol'
import {
  type EventHistory,
  type EventLog,
  implement,
  type LogFollower,
  type LogPlace,
  memoryEventLog,
  type ServerOptions,
} from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Joined, join, opened } from '../support/joined.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.any(), { subscribe: 'clients', topic: z.string() }) },
})
const { line } = room.events
const name = 'room@1/line'

const open = (log: EventLog, options: Partial<ServerOptions<object>> = {}) =>
  opened(implement(room).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => true,
    eventLogs: [{ log, events: [line] }],
    ...options,
  } as never)

const seenBy = ({ seen }: Joined) =>
  seen.map((each) =>
    'gap' in each ? `gap of ${each.gap.events}` : (each.body as { readonly value: unknown }).value,
  )
const errors = ({ lines }: ReturnType<typeof open>) => lines.filter(({ level }) => level === 'error')

/**
 * A log to which other servers append, too. The test decides when the log reports events to its follower, and which
 * ones.
 */
function shared(inner: EventHistory = memoryEventLog()) {
  const state = {
    follower: undefined as LogFollower | undefined,
    follows: 0,
    stops: 0,
    readings: 0,
    ready: (): Promise<void> | undefined => undefined,
    /** The errors that the next readings throw, one each. */
    failures: [] as Error[],
    /** Whether the log reports an appended event to its follower immediately. */
    tellsAtOnce: true,
    places: [] as LogPlace[],
  }
  const log: EventLog = {
    append: (toLog) => {
      const place = inner.append(toLog) as LogPlace
      state.places.push(place)
      if (state.tellsAtOnce) state.follower?.event({ position: place, body: toLog.body })
      return place
    },
    after: (query) => {
      state.readings += 1
      const failure = state.failures.shift()
      if (failure !== undefined) throw failure
      return inner.after(query)
    },
    follow: (_topic, follower) => {
      state.follows += 1
      state.follower = follower
      return {
        ready: state.ready(),
        stop: () => {
          state.stops += 1
        },
      }
    },
  }
  const bodyOf = (value: unknown) => ({
    encoding: 'codec' as const,
    bytes: new TextEncoder().encode(JSON.stringify(value)),
  })
  /** Another server appends an event. @returns what the log may report to its follower */
  const appended = (value: unknown) => {
    const body = bodyOf(value)
    const position = inner.append({ event: name, topic: '"a"', body }) as LogPlace
    return { position, body }
  }
  return { log, state, appended, bodyOf }
}

async function joined(stage: ReturnType<typeof open>) {
  const client = await join(stage)
  await stage.until(client.subscribeAfter(name, '"a"'))
  return client
}

describe('A log that servers share', () => {
  it('delivers what other servers append, in its order, each event once', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const entries = [1, 2, 3].map(appended)
    for (const entry of [entries[0]!, entries[1]!, entries[1]!, entries[0]!, entries[2]!])
      state.follower?.event(entry)
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2, 3])
  })

  it('is read if it reports a hole, and events that arrive meanwhile follow', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const [first, second, third] = [1, 2, 3].map(appended)
    state.follower?.event(first!, 0)
    state.follower?.event(third!, second!.position.number)
    state.follower?.event(appended(4))
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2, 3, 4])
    expect(errors(stage)).toEqual([])
  })

  it('delivers in order and once what a broker reports in another order', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const [first, second, third, fourth] = [1, 2, 3, 4].map(appended)
    state.follower?.event(first!, 0)
    state.follower?.event(third!, second!.position.number)
    state.follower?.event(fourth!, third!.position.number)
    await stage.settle()
    state.follower?.event(second!, first!.position.number)
    state.follower?.event(appended(5), fourth!.position.number)
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2, 3, 4, 5])
    expect(errors(stage)).toEqual([])
  })

  it('is read when it reports that events may be missing', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    for (const value of [1, 2]) appended(value)
    state.follower?.missed()
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2])
  })

  it('is read again until that succeeds, and subscribers receive no gap', async () => {
    const { log, state, appended } = shared()
    const stage = open(log, { limits: { logTimeoutMs: 500 } })
    const client = await joined(stage)
    appended(1)
    state.failures.push(new Error('away'), new Error('still away'))
    state.follower?.missed()
    await stage.settle()
    expect(errors(stage)).toHaveLength(1)
    await stage.clock.advance(500)
    await stage.settle()
    await stage.clock.advance(500)
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
  })

  it('causes a gap if it has forgotten events', async () => {
    const { log, state, appended } = shared(memoryEventLog({ limits: { topicEventsMax: 2 } }))
    const stage = open(log)
    const client = await joined(stage)
    state.follower?.event(appended(1))
    for (const value of [2, 3, 4, 5]) appended(value)
    state.follower?.missed()
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 'gap of 0', 4, 5])
  })

  it('causes a gap if its id changes', async () => {
    const { log, state, appended, bodyOf } = shared()
    const stage = open(log)
    const client = await joined(stage)
    state.follower?.event(appended(1))
    state.follower?.event({ position: { log: new Uint8Array([1]), number: 1 }, body: bodyOf(2) })
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 'gap of 0', 2])
  })

  it.each([
    undefined,
    null,
    5,
    {},
    { position: { log: 'no', number: 1 } },
    { position: { log: new Uint8Array(1), number: -1 } },
  ])('that reports %j is read instead, and the server logs an error', async (rubbish) => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    appended(1)
    state.follower?.event(rubbish as never)
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
    expect(errors(stage)).toHaveLength(1)
  })

  it('is followed while there are subscribers', async () => {
    const { log, state } = shared()
    const stage = open(log)
    const first = await joined(stage)
    const second = await joined(stage)
    expect([state.follows, state.stops]).toEqual([1, 0])
    await first.subscribe(name, '"a"', 'unsubscribe')
    expect(state.stops).toBe(0)
    await second.subscribe(name, '"a"', 'unsubscribe')
    expect(state.stops).toBe(1)
    await joined(stage)
    expect([state.follows, state.stops]).toEqual([2, 1])
  })

  it('confirms a subscription after it is followed', async () => {
    const { log, state } = shared()
    let follows: () => void = () => undefined
    state.ready = () =>
      new Promise((resolve) => {
        follows = resolve
      })
    const stage = open(log)
    const client = await join(stage)
    let isConfirmed = false
    const confirmed = client.subscribeAfter(name, '"a"').then(() => {
      isConfirmed = true
    })
    await stage.settle()
    expect(isConfirmed).toBe(false)
    follows()
    await stage.until(confirmed)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('away'))],
    ['never settles', () => new Promise<void>(() => undefined)],
  ])('whose follow %s loses nothing when it follows again', async (_, follow) => {
    const { log, state, appended } = shared()
    state.ready = follow
    const stage = open(log)
    const client = await joined(stage)
    expect(errors(stage)).toHaveLength(1)
    appended(1)
    state.follower?.missed()
    await stage.settle()
    state.follower?.event(appended(2))
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2])
  })

  it('may throw in follow or stop, which is logged', async () => {
    const { log } = shared()
    const stage = open({
      ...log,
      follow: () => {
        throw new Error('no')
      },
    })
    await joined(stage)
    expect(errors(stage).map(({ text }) => text)).toEqual(['a log could not be followed and will be retried'])
    const other = open({
      ...log,
      follow: () => ({
        stop: () => {
          throw new Error('no')
        },
      }),
    })
    const client = await joined(other)
    await client.subscribe(name, '"a"', 'unsubscribe')
    expect(errors(other).map(({ text }) => text)).toEqual(['stop of a followed log failed'])
  })
})

describe('A faulty log that servers share', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['returns nothing', () => undefined],
    ['returns null', () => null],
    ['returns a promise', async () => ({ stop: () => undefined })],
    ['returns an object without stop', () => ({})],
  ])('is followed again when its follow %s, and no event is lost', async (_, fail) => {
    const { log, state, appended } = shared()
    const follow = log.follow!
    let failures = 2
    const stage = open({
      ...log,
      follow: (topic, follower) => (failures-- > 0 ? (fail() as never) : follow(topic, follower)),
    })
    const client = await joined(stage)
    appended(1)
    await stage.clock.advance(100)
    await stage.clock.advance(200)
    await stage.settle()
    state.follower?.event(appended(2))
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2])
  })

  it('is asked for its end again, and the subscribers receive a gap, because earlier events are unknown', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    // The first two failures are for the tail and the subscription.
    state.failures.push(new Error('away'), new Error('away'), new Error('away'))
    const client = await joined(stage)
    const [, second] = [appended(1), appended(2)]
    state.follower?.event(second!, 1)
    await stage.clock.advance(100)
    await stage.settle()
    state.follower?.event(appended(3), 2)
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap of 0', 3])
  })

  it('delays its events only until the next successful reading', async () => {
    const { log, state, appended } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const [, second] = [appended(1), appended(2)]
    state.failures.push(new Error('once'))
    state.follower?.event(second!, 1)
    await stage.settle()
    await stage.clock.advance(100)
    await stage.settle()
    expect(seenBy(client)).toEqual([1, 2])
  })

  it('that reports an invalid encoding is read instead, and the invalid event is not sent', async () => {
    const { log, state, appended, bodyOf } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const { position } = appended(1)
    state.follower?.event({ position, body: { ...bodyOf(1), encoding: 'json' as never } })
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
    expect(errors(stage)).toHaveLength(1)
  })

  it('may reject in stop, which is logged', async () => {
    const { log } = shared()
    const stage = open({
      ...log,
      follow: () => ({ stop: async () => Promise.reject(new Error('no')) }) as never,
    })
    const client = await joined(stage)
    await client.subscribe(name, '"a"', 'unsubscribe')
    await stage.settle()
    expect(errors(stage).map(({ text }) => text)).toEqual(['stop of a followed log failed'])
  })

  it('is refused if its follow is not a function', () => {
    const { log } = shared()
    expect(() => open({ ...log, follow: 5 as never })).toThrow(
      /follow of a log of eventLogs is 5, not a function/,
    )
  })
})

describe('An event that a server appends to a shared log', () => {
  it('is counted as reached when the log reports it immediately', async () => {
    const { log } = shared()
    const stage = open(log)
    const client = await joined(stage)
    const published = stage.server.publish(line, 'a', 1)
    expect([published.reached, published.position?.number, published.isRepeat]).toEqual([1, 1, false])
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
  })

  it('is counted as reached when the log reports it later', async () => {
    const { log, state, bodyOf } = shared()
    state.tellsAtOnce = false
    const stage = open(log)
    const client = await joined(stage)
    const published = stage.server.publish(line, 'a', 1)
    const reached = Promise.resolve(published)
    await stage.settle()
    expect([published.reached, seenBy(client)]).toEqual([0, []])
    state.follower?.event({ position: state.places[0]!, body: bodyOf(1) })
    expect(await stage.until(reached)).toBe(1)
    expect(published.reached).toBe(1)
  })

  it('is counted as reached in any order of the answers', async () => {
    const { log, state, bodyOf } = shared()
    state.tellsAtOnce = false
    const answers: (() => void)[] = []
    const append = log.append.bind(log)
    log.append = (toLog) => {
      const place = append(toLog)
      return new Promise((resolve) => answers.push(() => resolve(place)))
    }
    const stage = open(log)
    await joined(stage)
    const published = [1, 2].map((value) => stage.server.publish(line, 'a', value))
    const reached = Promise.all(published.map((each) => Promise.resolve(each)))
    for (const answer of answers.reverse()) {
      answer()
      await stage.settle()
    }
    for (const [at, value] of [1, 2].entries())
      state.follower?.event({ position: state.places[at]!, body: bodyOf(value) })
    expect(await stage.until(reached)).toEqual([1, 1])
  })

  it('has its position although the last subscriber left before the log reported it', async () => {
    const { log, state } = shared()
    state.tellsAtOnce = false
    const stage = open(log)
    const client = await joined(stage)
    const published = stage.server.publish(line, 'a', 1)
    await client.subscribe(name, '"a"', 'unsubscribe')
    expect([await stage.until(Promise.resolve(published)), published.position?.number]).toEqual([0, 1])
  })

  it('is read from the log if the log does not report it', async () => {
    const { log, state } = shared()
    state.tellsAtOnce = false
    const stage = open(log, { limits: { logTimeoutMs: 500 } })
    const client = await joined(stage)
    const reached = Promise.resolve(stage.server.publish(line, 'a', 1))
    await stage.settle()
    await stage.clock.advance(500)
    expect(await stage.until(reached)).toBe(0)
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
  })

  it('is appended without local subscribers, and reaches none', async () => {
    const { log, state } = shared()
    const stage = open(log)
    const published = stage.server.publish(line, 'a', 1)
    expect([await published, published.position?.number, state.follows]).toEqual([0, 1, 0])
  })

  it('with an id that the log already has is a repeat, and is not sent', async () => {
    const { log } = shared()
    const stage = open(log)
    const client = await joined(stage)
    await stage.server.publish(line, 'a', 1, { id: 'x' })
    const again = stage.server.publish(line, 'a', 1, { id: 'x' })
    expect([await again, again.position?.number, again.isRepeat]).toEqual([0, 1, true])
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
  })

  it('fails with LOG_FAILED if its position is not after the earlier events', async () => {
    const { log, state } = shared()
    const stage = open(log)
    await joined(stage)
    await stage.server.publish(line, 'a', 1)
    state.tellsAtOnce = false
    log.append = () => state.places[0]!
    expect(() => stage.server.publish(line, 'a', 2)).toThrow(expect.objectContaining({ code: 'LOG_FAILED' }))
  })

  it('fails if the log rejects, without a gap for the subscribers, because the log may still report it', async () => {
    const { log, appended, state } = shared()
    const stage = open({ ...log, append: async () => Promise.reject(new Error('away')) })
    const client = await joined(stage)
    await expect(Promise.resolve(stage.server.publish(line, 'a', 1))).rejects.toMatchObject({
      code: 'LOG_FAILED',
    })
    state.follower?.event(appended(1))
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
    expect(stage.server.stats().events.bytesWaiting).toBe(0)
  })

  it.each([
    [{ id: '' }, 'id is ""'],
    [{ id: 5 }, 'id is 5'],
    [{ id: 'x'.repeat(257) }, 'not a string of 1 to 256 characters'],
    [{ key: 'x' }, 'options has no "key"'],
    [5, 'options is 5, not an object'],
  ])('is refused with the options %j', (options, text) => {
    const stage = open(memoryEventLog())
    expect(() => stage.server.publish(line, 'a', 1, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
    expect(stage.server.publish(line, 'a', 1, { id: 'x'.repeat(256) }).position?.number).toBe(1)
  })
})
