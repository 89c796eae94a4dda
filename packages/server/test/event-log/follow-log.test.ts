import { contract, event, procedure } from '@frameport/protocol'
import {
  createServer,
  type EventHistory,
  followLog,
  implement,
  type LogFollower,
  memoryEventBus,
  memoryEventLog,
  readHistory,
} from '@frameport/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { TestClock } from '../support/test-clock.ts'

const hotel = contract('hotel', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    booked: event(z.object({ room: z.string() }), { subscribe: 'clients', topic: z.string() }),
    told: event(z.string()),
    plain: event(z.string(), { subscribe: 'clients' }),
    later: event(
      z.string().refine(async (text) => {
        for (let turn = text.length; turn > 0; turn--) await undefined
        return text !== 'bad'
      }),
      { subscribe: 'clients', topic: z.string() },
    ),
  },
})
const { booked, later } = hotel.events

const open = (log: EventHistory, validateOutputs = true) => {
  const server = createServer(implement(hotel).handlers({ ping: () => undefined }), {
    authorizeSubscribe: () => true,
    eventBus: memoryEventBus(),
    eventLogs: [{ log, events: [booked, later] }],
    log: false,
    validateOutputs,
  })
  onTestFinished(() => server.close())
  return server
}

describe('A log that a program follows', () => {
  it('delivers the events that it has, and then those that any server appends, each once and in order', async () => {
    const log = memoryEventLog()
    const servers = [open(log), open(log)]
    for (const [at, server] of servers.entries()) server.publish(booked, 'a', { room: `before ${at}` })
    const seen: [string, number][] = []
    const following = followLog(log, booked, 'a', {
      after: 'start',
      onEvent: ({ room }, { number }) => void seen.push([room, number]),
    })
    await following.ready
    for (const [at, server] of servers.entries()) server.publish(booked, 'a', { room: `after ${at}` })
    servers[0]!.publish(booked, 'b', { room: 'another' })
    expect(seen).toEqual([
      ['before 0', 1],
      ['before 1', 2],
      ['after 0', 3],
      ['after 1', 4],
    ])
    expect(following.position?.number).toBe(4)
    following.stop()
    servers[0]!.publish(booked, 'a', { room: 'nobody' })
    expect(seen).toHaveLength(4)
  })

  it.each([
    ['end', ['three']],
    ['start', ['one', 'two', 'three']],
    ['a position', ['two', 'three']],
  ])('begins at %s', async (start, expected) => {
    const log = memoryEventLog()
    const server = open(log)
    const first = server.publish(booked, 'a', { room: 'one' })
    server.publish(booked, 'a', { room: 'two' })
    const seen: string[] = []
    const after = start === 'a position' ? first.position : (start as 'end' | 'start')
    const following = followLog(log, booked, 'a', { after, onEvent: ({ room }) => void seen.push(room) })
    await following.ready
    server.publish(booked, 'a', { room: 'three' })
    expect(seen).toEqual(expected)
  })

  it('keeps the order with an asynchronous schema, and leaves out events that do not match the schema', async () => {
    const log = memoryEventLog()
    const server = open(log, false)
    const seen: string[] = []
    const failures: string[] = []
    const quiet = () => undefined
    const following = followLog(log, later, 'a', {
      after: 'start',
      onEvent: (text) => void seen.push(text),
      log: { debug: quiet, info: quiet, warn: quiet, error: (_, text) => void failures.push(text) },
    })
    for (const text of ['a long one that takes its time', 'bad', 'x']) server.publish(later, 'a', text)
    await following.ready
    await expect.poll(() => seen).toEqual(['a long one that takes its time', 'x'])
    expect(failures).toEqual(['an event of a log does not match its schema and was left out'])
  })

  it('continues when a callback throws, and reports a gap for forgotten events', async () => {
    const log = memoryEventLog({ limits: { topicEventsMax: 2 } })
    const server = open(log)
    for (const room of ['one', 'two', 'three']) server.publish(booked, 'a', { room })
    const seen: string[] = []
    const gaps: number[] = []
    const following = followLog(log, booked, 'a', {
      after: 'start',
      onEvent: ({ room }) => {
        seen.push(room)
        throw new Error('of the test')
      },
      onGap: ({ events }) => void gaps.push(events),
      log: false,
    })
    await following.ready
    expect([seen, gaps]).toEqual([['two', 'three'], [0]])
  })

  it('is retried while it fails, until the program stops following', async () => {
    const clock = new TestClock()
    const inner = memoryEventLog()
    open(inner).publish(booked, 'a', { room: 'one' })
    let failures = 2
    const log: EventHistory = {
      append: (toLog) => inner.append(toLog),
      after: (query) => {
        if (failures-- > 0) throw new Error('away')
        return inner.after(query)
      },
      before: (query) => inner.before(query),
      follow: (topic, follower) => inner.follow!(topic, follower),
    }
    const seen: string[] = []
    const options = {
      after: 'start',
      environment: clock,
      log: false,
      onEvent: ({ room }: { room: string }) => void seen.push(room),
    } as const
    const following = followLog(log, booked, 'a', options)
    await clock.until(following.ready)
    expect(seen).toEqual(['one'])
    failures = 1_000
    const away = followLog(log, booked, 'a', options)
    await new Promise((resolve) => void setImmediate(resolve))
    away.stop()
    await away.ready
    following[Symbol.dispose]()
    expect(clock.timers).toEqual([])
  })

  it.each([
    [{}, 'onEvent'],
    [{ onEvent: 5 }, 'onEvent is 5, not a function'],
    [{ onEvent() {}, after: 'begin' }, "after is \"begin\", not 'start', 'end' or a position"],
    [{ onEvent() {}, onGap: 1 }, 'onGap is 1, not a function'],
    [{ onEvnt() {} }, 'did you mean onEvent?'],
    [5, 'options is 5, not an object'],
    [{ onEvent() {}, after: { log: new Uint8Array(0), number: 1 } }, 'a position of a log'],
    [{ onEvent() {}, after: { log: new Uint8Array(4), number: -1 } }, 'a position of a log'],
  ])('is refused with the options %j', (options, text) => {
    expect(() => followLog(memoryEventLog(), booked, 'a', options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
  })

  it.each(['start', 'a position'] as const)(
    'loses and duplicates nothing that is appended before the log confirms the follower (%s)',
    async (start) => {
      const inner = memoryEventLog()
      const server = open(inner)
      const first = server.publish(booked, 'a', { room: '1' })
      for (const room of ['2', '3']) server.publish(booked, 'a', { room })
      let follows: () => void = () => undefined
      const log: EventHistory = {
        append: (toLog) => inner.append(toLog),
        after: (query) => inner.after(query),
        before: (query) => inner.before(query),
        follow: (topic, follower) => ({
          ...inner.follow!(topic, follower),
          ready: new Promise((resolve) => {
            follows = resolve
          }),
        }),
      }
      const seen: string[] = []
      const following = followLog(log, booked, 'a', {
        after: start === 'start' ? start : first.position,
        onEvent: ({ room }) => void seen.push(room),
      })
      server.publish(booked, 'a', { room: '4' })
      follows()
      await following.ready
      server.publish(booked, 'a', { room: '5' })
      expect(seen).toEqual((start === 'start' ? ['1'] : []).concat('2', '3', '4', '5'))
    },
  )

  it('delivers nothing after stop, and keeps the position of that moment', async () => {
    const log = memoryEventLog()
    const server = open(log, false)
    for (const room of ['1', '2', '3', '4']) server.publish(booked, 'a', { room })
    const seen: string[] = []
    const following = followLog(log, booked, 'a', {
      after: 'start',
      onEvent: ({ room }) => {
        seen.push(room)
        if (room === '2') following.stop()
      },
    })
    await following.ready
    expect([seen, following.position?.number]).toEqual([['1', '2'], 2])
    const stopped = followLog(log, booked, 'a', { after: 'start', onEvent: () => void seen.push('late') })
    stopped.stop()
    await stopped.ready
    expect(seen).toHaveLength(2)
  })

  it('has the position of the last delivered event, also with asynchronous schemas, and keeps gaps in order', async () => {
    const inner = memoryEventLog({ limits: { topicEventsMax: 1 } })
    const server = open(inner, false)
    const seen: string[] = []
    let follower: LogFollower | undefined
    const following = followLog(
      {
        append: (toLog) => inner.append(toLog),
        after: (query) => inner.after(query),
        follow: (_topic, given) => {
          follower = given
          return { stop: () => undefined }
        },
      },
      later,
      'a',
      { onEvent: (text) => void seen.push(text), onGap: () => void seen.push('gap'), log: false },
    )
    await following.ready
    const texts = ['one that takes its time', 'two', 'three']
    const [first, second, third] = texts.map((text) => server.publish(later, 'a', text).position!)
    const bodyOf = (text: string) => ({
      encoding: 'codec' as const,
      bytes: new TextEncoder().encode(JSON.stringify(text)),
    })
    follower?.event({ position: first!, body: bodyOf(texts[0]!) })
    follower?.event({ position: third!, body: bodyOf(texts[2]!) }, second!.number)
    expect(following.position?.number).not.toBe(first!.number)
    await expect.poll(() => seen).toEqual([texts[0], 'gap', texts[2]])
    expect(following.position).toEqual(third)
  })

  it('logs rejections of asynchronous callbacks', async () => {
    const log = memoryEventLog()
    const server = open(log)
    server.publish(booked, 'a', { room: '1' })
    const failures: string[] = []
    const quiet = () => undefined
    const following = followLog(log, booked, 'a', {
      after: 'start',
      onEvent: async () => Promise.reject(new Error('of the test')),
      log: { debug: quiet, info: quiet, warn: quiet, error: (_, text) => void failures.push(text) },
    })
    await following.ready
    await expect.poll(() => failures).toEqual(['a callback of followLog threw'])
  })

  it('continues after an event that cannot be read, and appending it does not fail', async () => {
    const log = memoryEventLog()
    const server = open(log)
    const seen: string[] = []
    const following = followLog(log, booked, 'a', { onEvent: ({ room }) => void seen.push(room), log: false })
    await following.ready
    const bad = { encoding: 'codec' as const, bytes: new TextEncoder().encode('{') }
    await log.append({ event: booked.wireName, topic: '"a"', body: bad })
    server.publish(booked, 'a', { room: '1' })
    expect(seen).toEqual(['1'])
    const { events, unreadable } = await readHistory(log, booked, 'a')
    expect([events.length, unreadable]).toEqual([1, 1])
  })

  it.each([
    [() => followLog(memoryEventLog(), {} as never, {} as never, {} as never), 'give contract.events.name'],
    [
      () => followLog(memoryEventLog(), hotel.events.told as never, {} as never, {} as never),
      'a log cannot keep hotel/told',
    ],
    [
      () => followLog(memoryEventLog(), hotel.events.plain as never, 'a' as never, { onEvent() {} } as never),
      'hotel/plain has no topics',
    ],
  ])('refuses events that no log can keep', (follow, text) => {
    expect(follow).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
  })

  it('must be a log that servers can share', () => {
    const { append, after } = memoryEventLog()
    expect(() => followLog({ append, after }, booked, 'a', { onEvent: () => undefined })).toThrow(/follow/)
  })
})

describe('A history', () => {
  const texts = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ room: `${from + at}` }))

  it('is read backwards, page by page, up to its start', async () => {
    const log = memoryEventLog()
    const server = open(log)
    for (const each of texts(0, 7)) {
      server.publish(booked, 'a', each)
      server.publish(booked, 'b', { room: 'another' })
    }
    const newest = await readHistory(log, booked, 'a', { eventsMax: 3 })
    const older = await readHistory(log, booked, 'a', { before: newest.start, eventsMax: 3 })
    const oldest = await readHistory(log, booked, 'a', { before: older.start, eventsMax: 3 })
    const pages = [newest, older, oldest].map(({ events, isStart }) => [
      events.map(({ payload }) => payload),
      isStart,
    ])
    expect(pages).toEqual([
      [texts(4, 7), false],
      [texts(1, 4), false],
      [texts(0, 1), true],
    ])
    expect(await readHistory(log, booked, 'a', { before: oldest.start })).toEqual({
      events: [],
      start: undefined,
      isStart: true,
      unreadable: 0,
    })
    const all = await readHistory(log, booked, 'a')
    expect([all.events.length, all.isStart]).toEqual([7, true])
    const two = await readHistory(log, booked, 'a', { bytesMax: 2 * '{"room":"0"}'.length })
    expect(two.events).toHaveLength(2)
    expect((await readHistory(log, booked, 'nothing')).events).toEqual([])
    const foreign = await readHistory(log, booked, 'a', { before: { log: new Uint8Array(3), number: 2 } })
    expect(foreign.events).toHaveLength(7)
  })

  it('leaves out and counts the events that do not match the current schema', async () => {
    const log = memoryEventLog()
    const server = open(log, false)
    server.publish(booked, 'a', { room: 'one' })
    server.publish(booked, 'a', { rooms: 2 } as never)
    const { events, unreadable, isStart } = await readHistory(log, booked, 'a')
    expect([events.map(({ payload }) => payload), unreadable, isStart]).toEqual([[{ room: 'one' }], 1, true])
  })

  it.each([
    [undefined, { before: 5 }, 'before is not a position'],
    [undefined, { eventsMax: 0 }, 'eventsMax is 0'],
    [undefined, { bytesMax: 1.5 }, 'bytesMax is 1.5'],
    [undefined, { max: 1 }, 'has no "max"'],
    [{}, {}, 'read backwards'],
  ])('refuses %j and %j', async (log, page, text) => {
    await expect(
      readHistory((log ?? memoryEventLog()) as never, booked, 'a', page as never),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
  })

  it('fails after 5 s without an answer of the log', async () => {
    const never = () => new Promise(() => undefined)
    const log = { append: never, after: never, before: never }
    // Something else keeps the process alive, as a connection to the log would.
    const alive = setInterval(() => undefined, 1_000)
    onTestFinished(() => clearInterval(alive))
    await expect(readHistory(log as never, booked, 'a')).rejects.toMatchObject({ code: 'LOG_FAILED' })
  })

  it.each([undefined, { entries: 5, isStart: true }, { entries: [{}], isStart: true }, { entries: [] }])(
    'fails if the log returns %j',
    async (reading) => {
      const log = {
        ...memoryEventLog(),
        append: () => undefined,
        after: () => undefined,
        before: () => reading,
      }
      await expect(readHistory(log as never, booked, 'a')).rejects.toMatchObject({ code: 'LOG_FAILED' })
    },
  )
})
