import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createSessionHost } from '@frameport/protocol/session'
import {
  type EventLog,
  implement,
  type LogPosition,
  memoryEventLog,
  type ServerOptions,
} from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LogCalls } from '../../src/event-log/log-calls.ts'
import { Replays } from '../../src/event-log/replays.ts'
import { type Joined, join, opened } from '../support/joined.ts'
import { TestClock } from '../support/test-clock.ts'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: {
    line: event(z.any(), { subscribe: 'clients', topic: z.string() }),
    ofHandlers: event(z.any()),
  },
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
  seen.map((each) => ('gap' in each ? 'gap' : (each.body as { readonly value: unknown }).value))
const errors = ({ lines }: ReturnType<typeof open>) => lines.filter(({ level }) => level === 'error')

/** A log whose `append` settles when the test says so. */
function answering() {
  const inner = memoryEventLog()
  const waiting: { answer(): void; fail(error: unknown): void }[] = []
  const log: EventLog = {
    append: (entry) => {
      const position = inner.append(entry)
      return new Promise((resolve, reject) => {
        waiting.push({ answer: () => resolve(position), fail: reject })
      })
    },
    after: (query) => inner.after(query),
  }
  return { log, waiting }
}

describe('An event whose log answers later', () => {
  it('is sent with its position in the order of publishing, whatever the order of the answers', async () => {
    const { log, waiting } = answering()
    const stage = open(log)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"'))
    const first = stage.server.publish(line, 'a', 1)
    const second = stage.server.publish(line, 'a', 2)
    const other = stage.server.publish(line, 'b', 3)
    expect([first.reached, first.waiting, first.leftOut]).toEqual([0, 0, 0])
    waiting[1]!.answer()
    waiting[2]!.answer()
    await stage.settle()
    expect([seenBy(client), other.reached]).toEqual([[], 0])
    waiting[0]!.answer()
    expect(await stage.until(Promise.all([first, second, other]))).toEqual([1, 1, 0])
    await stage.settle()
    expect([seenBy(client), first.reached, second.reached]).toEqual([[1, 2], 1, 1])
  })

  it('becomes a gap for its subscribers if the log fails, and an error for the publisher and in the log of the server', async () => {
    const { log, waiting } = answering()
    const stage = open(log)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"'))
    const failed = stage.server.publish(line, 'a', 1)
    void stage.server.publish(line, 'a', 2)
    const cause = new Error('disk')
    waiting[1]!.answer()
    waiting[0]!.fail(cause)
    await expect(stage.until(Promise.resolve(failed))).rejects.toMatchObject({ code: 'LOG_FAILED', cause })
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap', 2])
    expect(errors(stage)).toMatchObject([{ facts: { event: name, err: { code: 'LOG_FAILED' } } }])
  })

  it('fails if the log does not answer within logTimeoutMs', async () => {
    const { log } = answering()
    const stage = open(log, { limits: { logTimeoutMs: 700 } })
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"'))
    const late = Promise.resolve(stage.server.publish(line, 'a', 1)).catch((error) => error)
    stage.clock.advance(699)
    await stage.settle()
    expect(seenBy(client)).toEqual([])
    stage.clock.advance(1)
    expect(await late).toMatchObject({
      code: 'LOG_FAILED',
      message: expect.stringContaining('within 700 ms'),
    })
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap'])
  })

  it('counts against eventBytesWaitingMax while it waits for the log', async () => {
    const { log, waiting } = answering()
    const stage = open(log, { limits: { eventBytesWaitingMax: 1_000 } })
    const publish = () => stage.server.publish(line, 'a', 'x'.repeat(198))
    const [one, two] = [publish(), publish()]
    expect(publish).toThrow(
      expect.objectContaining({
        code: 'LOG_FAILED',
        message: expect.stringContaining('eventBytesWaitingMax'),
      }),
    )
    expect([waiting.length, stage.server.stats().events.bytesWaiting]).toEqual([2, 912])
    for (const { answer } of waiting) answer()
    await stage.until(Promise.all([one, two]))
    expect(stage.server.stats().events.bytesWaiting).toBe(0)
    void publish()
  })

  it('fails with SERVER_CLOSED when the server closes, and leaves no timer', async () => {
    const { log } = answering()
    const stage = open(log)
    const open_ = Promise.resolve(stage.server.publish(line, 'a', 1)).catch((error) => error)
    await stage.until(stage.server.close())
    expect(await open_).toMatchObject({ code: 'SERVER_CLOSED' })
    const behind = Promise.resolve(stage.server.publish(line, 'a', 2)).catch((error) => error)
    expect(await behind).toMatchObject({ code: 'SERVER_CLOSED' })
    expect([stage.clock.timers, errors(stage)]).toEqual([[], []])
  })
})

describe('A log that', () => {
  const position = { log: Uint8Array.of(1), number: 5 }
  const body = { encoding: 'codec', bytes: Uint8Array.of(0x31) }
  const fails = (): never => {
    throw new Error('mine')
  }

  it('throws for an event publishes nothing, and the publisher receives the cause', async () => {
    const inner = memoryEventLog()
    const stage = open({ append: fails, after: (query) => inner.after(query) })
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"'))
    expect(() => stage.server.publish(line, 'a', 1)).toThrow(
      expect.objectContaining({ code: 'LOG_FAILED', cause: expect.objectContaining({ message: 'mine' }) }),
    )
    await stage.settle()
    expect([seenBy(client), stage.server.stats().events.bytesWaiting]).toEqual([[], 0])
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['a position without a log id', { number: 1 }],
    ['a position with an empty log id', { log: new Uint8Array(0), number: 1 }],
    ['a position with a log id of 33 bytes', { log: new Uint8Array(33), number: 1 }],
    ['a negative number', { log: Uint8Array.of(1), number: -1 }],
  ])('returns %s as the position of an event publishes nothing', async (_, given) => {
    const stage = open({ append: () => given as LogPosition, after: fails })
    expect(() => stage.server.publish(line, 'a', 1)).toThrow(expect.objectContaining({ code: 'LOG_FAILED' }))
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no entries', { position, isEnd: true }],
    ['no end', { position, entries: [] }],
    ['no position', { entries: [], isEnd: true }],
    ['a negative number of missed events', { position, entries: [], isEnd: true, missed: -1 }],
    [
      'an end before the requested position',
      { position: { ...position, number: 2 }, entries: [], isEnd: true },
    ],
    ['neither an end nor a new event', { position: { ...position, number: 3 }, entries: [], isEnd: false }],
    [
      'an event that was not requested',
      { position, entries: [{ position: { ...position, number: 3 }, body }], isEnd: true },
    ],
    [
      'an event of another log',
      { position, entries: [{ position: { log: Uint8Array.of(2), number: 4 }, body }], isEnd: true },
    ],
    [
      'events out of order',
      {
        position,
        entries: [5, 4].map((number) => ({ position: { ...position, number }, body })),
        isEnd: true,
      },
    ],
    [
      'an event after the end',
      { position, entries: [{ position: { ...position, number: 6 }, body }], isEnd: true },
    ],
    ['an event without a body', { position, entries: [{ position, body: undefined }], isEnd: true }],
    [
      'an event whose body has no encoding',
      { position, entries: [{ position, body: { encoding: 'none', bytes: body.bytes } }], isEnd: true },
    ],
  ])(
    'returns %s to a reader causes a gap for the reader, and an error in the log of the server',
    async (_, given) => {
      let number = 5
      const stage = open({
        append: () => ({ ...position, number: ++number }),
        after: () => given as never,
      })
      const client = await join(stage)
      await stage.until(client.subscribeAfter(name, '"a"', { ...position, number: 3 }))
      await stage.settle()
      void stage.server.publish(line, 'a', 1)
      await stage.settle()
      expect(seenBy(client)).toEqual(['gap', 1])
      expect(errors(stage)).toHaveLength(1)
    },
  )

  it('fails to say where a subscription begins does not prevent the subscription, and causes no gap', async () => {
    const stage = open({ append: () => position, after: fails })
    const client = await join(stage)
    expect(await stage.until(client.subscribeAfter(name, '"a"'))).toBeUndefined()
    void stage.server.publish(line, 'a', 1)
    await stage.settle()
    expect(seenBy(client)).toEqual([1])
  })

  it('rejects for a reader causes a gap for the reader', async () => {
    const stage = open({ append: () => position, after: async () => fails() })
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', { ...position, number: 3 }))
    await stage.settle()
    expect([seenBy(client), errors(stage)]).toMatchObject([
      ['gap'],
      [{ facts: { err: { code: 'LOG_FAILED' } } }],
    ])
  })

  it('does not answer a reader within logTimeoutMs causes a gap for the reader', async () => {
    const stage = open({ append: () => position, after: () => new Promise(() => undefined) })
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', { ...position, number: 3 }))
    await stage.settle()
    void stage.server.publish(line, 'a', 1)
    stage.clock.advance(5_000)
    await stage.settle()
    expect(seenBy(client)).toEqual(['gap', 1])
  })
})

it('events of a log become a gap for every waiting reader if there is no memory to read them', () => {
  const clock = new TestClock()
  const gaps: unknown[] = []
  const delivered: unknown[] = []
  const reader = {
    id: 'c1',
    sendGap: (gap: unknown) => void gaps.push(gap),
    deliver: () => 'gone' as const,
    deliverIfRoom: (sent: unknown) => {
      delivered.push(sent)
      return 'taken' as const
    },
    leaveOut: () => undefined,
    eventsSent: async () => true,
    eventsDrained: async () => true,
  }
  const silent = () => undefined
  const services = {
    eventLedger: { take: () => true, give: silent, leftOut: silent, slow: silent },
    logCalls: new LogCalls(clock, 1_000),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    limits: { logPageEvents: 4, logPageBytes: 1_000 },
  }
  const { turns } = createSessionHost({ environment: clock, turnMs: 5, memoryBytesMax: 1_000 })
  const replays = new Replays(services, reader, {
    turns,
    turnLimits: { ms: 5, stepsMax: 100 },
    share: { key: undefined },
    memory: { takeMemory: () => new RpcError('RESOURCE_EXHAUSTED', 'none'), giveMemory: silent },
  })
  const position = { log: Uint8Array.of(1), number: 1 }
  const catchUp = replays.catchUp({ event: line, topic: '"a"', log: memoryEventLog() }, position)
  replays.start(catchUp)
  expect(gaps).toEqual([{ event: name, topic: '"a"', events: 0, position: undefined }])
  catchUp.deliver({} as never, { position: { ...position, number: 2 }, appended: 1 })
  expect(delivered).toHaveLength(1)
})

describe('A log whose numbers do not increase', () => {
  const id = Uint8Array.of(7)
  const numbered = (isLater: boolean) => {
    const next: LogPosition[] = []
    const log: EventLog = {
      append: () => {
        const position = next.shift() as LogPosition
        return isLater ? Promise.resolve(position) : position
      },
      after: () => ({ entries: [], position: { log: id, number: 0 }, isEnd: true }),
    }
    return { log, next }
  }

  it.each([
    ['at once', false],
    ['later', true],
  ])('and that answers %s fails, and subscribers receive a gap', async (_, isLater) => {
    const { log, next } = numbered(isLater)
    const stage = open(log)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"'))
    const publish = async (number: number, position: Uint8Array = id) => {
      next.push({ log: position, number })
      return stage.until(Promise.resolve(stage.server.publish(line, 'a', number)))
    }
    await publish(5)
    for (const number of [5, 2])
      await expect((async () => publish(number))()).rejects.toMatchObject({
        code: 'LOG_FAILED',
        message: expect.stringContaining('does not grow'),
        cause: expect.objectContaining({ message: `append returned the number ${number} after 5` }),
      })
    await publish(6)
    // Another log may begin with any number.
    await publish(1, Uint8Array.of(8))
    await stage.settle()
    expect(seenBy(client)).toEqual([5, 'gap', 'gap', 6, 1])
    expect(errors(stage)).toHaveLength(isLater ? 2 : 0)
  })
})

describe('A log that returns a position which is not after the events it had reported to have', () => {
  const id = Uint8Array.of(7)

  /**
   * @returns the events that a subscriber received of six, where the first has the number `firstNumber`, and what the
   * server logged
   */
  async function published({ endsAt, firstNumber, isLater = false }: Numbers, position?: LogPosition) {
    let number = firstNumber
    const log: EventLog = {
      append: () => {
        const given = { log: id, number: number++ }
        return isLater ? Promise.resolve(given) : given
      },
      after: (query) => ({
        entries: [],
        position: query.position ?? { log: id, number: endsAt },
        isEnd: true,
      }),
    }
    const stage = open(log)
    const client = await join(stage)
    await stage.until(client.subscribeAfter(name, '"a"', position))
    await stage.settle()
    for (let value = 1; value <= 6; value += 1)
      await stage.until(Promise.resolve(stage.server.publish(line, 'a', value)))
    await stage.settle()
    return { seen: seenBy(client), errors: errors(stage) }
  }
  interface Numbers {
    readonly endsAt: number
    readonly firstNumber: number
    readonly isLater?: boolean
  }
  const all = [1, 2, 3, 4, 5, 6]

  it.each<[string, Numbers]>([
    ['that is one too high', { endsAt: 5, firstNumber: 5 }],
    ['that is one too high, and answers later', { endsAt: 5, firstNumber: 5, isLater: true }],
    ['that is higher than all events that follow', { endsAt: 100, firstNumber: 6 }],
  ])('%s loses no event, and the server logs the error', async (_, numbers) => {
    const { seen, errors } = await published(numbers)
    expect(seen).toEqual(all)
    expect(errors).toMatchObject([
      {
        text: expect.stringContaining('not after the events it had reported'),
        facts: {
          err: {
            code: 'LOG_FAILED',
            cause: {
              message: `append returned the number ${numbers.firstNumber}, and after had returned ${numbers.endsAt}`,
            },
          },
        },
      },
    ])
  })

  it('or that accepts a position from a client that it never assigned loses no event', async () => {
    const numbers = { endsAt: 5, firstNumber: 6 }
    const { seen } = await published(numbers, { log: id, number: 1_000_000 })
    expect(seen).toEqual(all)
  })

  it('is not confused with a log whose next position follows what it reported', async () => {
    const { seen, errors } = await published({ endsAt: 5, firstNumber: 6 })
    expect([seen, errors]).toEqual([all, []])
  })
})

describe('The option eventLogs', () => {
  const log = memoryEventLog()
  const make = (eventLogs: unknown) => () => open(log, { eventLogs: eventLogs as never })
  it.each<[string, unknown, string, string]>([
    ['is an array', { log, events: [line] }, 'INVALID_OPTION', 'eventLogs is not an array'],
    ['has entries that are objects', [5], 'INVALID_OPTION', 'an entry of eventLogs is 5'],
    ['has only known members', [{ log, events: [], event: line }], 'INVALID_OPTION', 'has no "event"'],
    ['has complete logs', [{ log: { append() {} }, events: [line] }], 'INVALID_OPTION', 'after'],
    ['has a log in each entry', [{ events: [line] }], 'INVALID_OPTION', 'log of eventLogs'],
    [
      'has an array of events in each entry',
      [{ log, events: line }],
      'INVALID_OPTION',
      'events of eventLogs is not an array',
    ],
    ['has events that the server serves', [{ log, events: ['line'] }], 'UNKNOWN_EVENT', '"line"'],
    [
      'has only events to which clients subscribe',
      [{ log, events: [room.events.ofHandlers] }],
      'INVALID_OPTION',
      "subscribe: 'clients'",
    ],
    ['has each event once', [{ log, events: [line, line] }], 'INVALID_OPTION', 'room/line twice'],
  ])('%s', (_, given, code, text) => {
    expect(make(given)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }))
  })

  it('may contain no logs, or logs without events', async () => {
    for (const given of [[], [{ log, events: [] }], undefined]) {
      const stage = make(given)()
      const client = await join(stage)
      expect(await stage.until(client.subscribeAfter(name, '"a"'))).toBeUndefined()
    }
  })
})
