import { type LogPosition, type LogQuery, memoryEventLog } from '@frameport/server'
import { describe, expect, it } from 'vitest'

const bodyOf = (bytes: number) => ({ encoding: 'codec' as const, bytes: new Uint8Array(bytes) })

/** A log whose readings are shortened to numbers. */
function logOf(limits: Parameters<typeof memoryEventLog>[0] = {}) {
  const log = memoryEventLog(limits)
  const append = (topic: string, bytes = 1) =>
    log.append({ event: 'chat@1/line', topic, body: bodyOf(bytes) }) as LogPosition
  const after = (topic: string, position: LogPosition | undefined, more: Partial<LogQuery> = {}) => {
    const reading = log.after({
      event: 'chat@1/line',
      topic,
      position,
      eventsMax: 100_000,
      bytesMax: 1_000_000_000,
      ...more,
    }) as Awaited<ReturnType<typeof log.after>>
    return {
      numbers: reading.entries.map((entry) => entry.position.number),
      end: reading.position.number,
      isEnd: reading.isEnd,
      missed: reading.missed,
    }
  }
  const start = (
    log.after({ event: '', topic: '', position: undefined, eventsMax: 1, bytesMax: 1 }) as Awaited<
      ReturnType<typeof log.after>
    >
  ).position
  return { append, after, start }
}

describe('A log in memory', () => {
  it('returns the events of a topic after a position, in order', () => {
    const { append, after, start } = logOf()
    const positions = ['a', 'b', 'a', 'a'].map((topic) => append(topic))
    expect(positions.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    expect(positions.every(({ log }) => log === positions[0]!.log && log.length === 16)).toBe(true)
    expect(after('a', start)).toEqual({ numbers: [1, 3, 4], end: 4, isEnd: true, missed: undefined })
    expect(after('a', positions[1])).toMatchObject({ numbers: [3, 4], missed: undefined })
    expect(after('b', positions[3])).toEqual({ numbers: [], end: 4, isEnd: true, missed: undefined })
    expect(after('never', positions[0])).toMatchObject({ numbers: [], end: 4, missed: undefined })
    expect(after('a', undefined)).toEqual({ numbers: [], end: 4, isEnd: true, missed: undefined })
  })

  it('returns no more events than requested, and continues after them', () => {
    const { append, after, start } = logOf()
    for (let index = 0; index < 5; index++) append('a', 100)
    const first = after('a', start, { eventsMax: 2 })
    expect(first).toEqual({ numbers: [1, 2], end: 2, isEnd: false, missed: undefined })
    expect(after('a', { ...start, number: 2 }, { bytesMax: 200 })).toMatchObject({
      numbers: [3, 4],
      isEnd: false,
    })
    expect(after('a', { ...start, number: 4 }, { bytesMax: 200 })).toMatchObject({
      numbers: [5],
      isEnd: true,
    })
    expect(after('a', start, { bytesMax: 1 })).toMatchObject({ numbers: [1], isEnd: false })
    expect(after('a', start, { eventsMax: 5, bytesMax: 500 })).toMatchObject({
      numbers: [1, 2, 3, 4, 5],
      isEnd: true,
    })
  })

  it.each<[string, (start: LogPosition) => LogPosition]>([
    ['of another log', ({ log }) => ({ log: log.map((byte) => byte ^ 1), number: 1 })],
    ['of a log with a longer name', ({ log }) => ({ log: Uint8Array.of(...log, 0), number: 1 })],
    ['that it never assigned', ({ log }) => ({ log, number: 3 })],
  ])('reports missed events for a position %s', (_, make) => {
    const { append, after, start } = logOf()
    append('a')
    append('a')
    expect(after('a', make(start))).toEqual({ numbers: [], end: 2, isEnd: true, missed: 0 })
  })

  it('has a new id each time, so that clients detect a lost log', () => {
    expect(logOf().start.log).not.toEqual(logOf().start.log)
  })
})

describe('A log in memory forgets', () => {
  const filled = (limits: object, count: number, topicOf: (index: number) => string, bytes = 1) => {
    const made = logOf({ limits })
    for (let index = 0; index < count; index++) made.append(topicOf(index), bytes)
    return made
  }

  it.each([
    ['at', 10, 10, undefined],
    ['one over', 11, 10, 0],
    ['far over', 1_000, 10, 0],
  ])('the oldest event of all %s eventsMax', (_, count, left, missed) => {
    const { after, start } = filled({ eventsMax: 10 }, count, () => 'a')
    expect(after('a', start)).toMatchObject({ missed, end: count })
    expect(after('a', start).numbers).toEqual(Array.from({ length: left }, (_, at) => count - left + at + 1))
  })

  it.each([
    ['at', 4, undefined],
    ['one over', 5, 0],
    ['far over', 500, 0],
  ])('the oldest event of all %s bytesMax', (_, count, missed) => {
    const { after, start } = filled({ bytesMax: 4 * (744 + 256) }, count, () => 'a', 744)
    expect(after('a', start).missed).toBe(missed)
    expect(after('a', start).numbers).toHaveLength(4)
  })

  it('an event that is longer than bytesMax immediately, which leaves a gap', () => {
    const { append, after, start } = logOf({ limits: { bytesMax: 1_000 } })
    append('a', 100)
    append('a', 745)
    expect(after('a', start)).toMatchObject({ numbers: [], end: 2, missed: 0 })
    expect(after('a', { ...start, number: 2 })).toMatchObject({ numbers: [], missed: undefined })
  })

  it.each([
    ['at', 3, undefined],
    ['one over', 4, 0],
    ['far over', 300, 0],
  ])('the oldest event of a topic %s topicEventsMax, and none of another', (_, count, missed) => {
    const { append, after, start } = logOf({ limits: { topicEventsMax: 3 } })
    append('quiet')
    for (let index = 0; index < count; index++) append('busy')
    expect(after('busy', start)).toMatchObject({ missed })
    expect(after('busy', start).numbers).toHaveLength(3)
    expect(after('quiet', start)).toMatchObject({ numbers: [1], missed: undefined })
  })

  it.each([
    ['at', 3, undefined],
    ['one over', 4, 0],
    ['far over', 300, 0],
  ])('the topic that has been quiet for the longest time %s topicsMax', (_, count, missed) => {
    const { append, after, start } = logOf({ limits: { topicsMax: 3 } })
    append('0')
    append('kept')
    for (let index = 1; index < count - 1; index++) {
      append(`${index}`)
      append('kept')
    }
    expect(after('0', start)).toMatchObject({ missed, numbers: missed === undefined ? [1] : [] })
    expect(after('kept', start).missed).toBeUndefined()
    expect(after('kept', start).numbers).toHaveLength(count - 1)
  })

  it('a whole topic, and reports that only to readers whose position is before the forgotten events', () => {
    const { append, after, start } = logOf({ limits: { topicsMax: 1 } })
    const old = append('a')
    const newer = append('b')
    expect(after('a', start)).toMatchObject({ numbers: [], missed: 0 })
    expect(after('a', old)).toMatchObject({ numbers: [], missed: undefined })
    append('a')
    expect(after('a', newer)).toMatchObject({ numbers: [3], missed: undefined })
    expect(after('a', start)).toMatchObject({ numbers: [3], missed: 0 })
  })
})

describe('The limits of a log in memory', () => {
  it.each<[string, unknown, string, string]>([
    ['0', { limits: { eventsMax: 0 } }, 'INVALID_LIMITS', 'eventsMax is 0'],
    [
      'Infinity',
      { limits: { bytesMax: Number.POSITIVE_INFINITY } },
      'INVALID_LIMITS',
      'bytesMax is Infinity',
    ],
    ['no number', { limits: { topicsMax: '5' } }, 'INVALID_LIMITS', 'topicsMax is "5"'],
    ['an unknown one', { limits: { topicMax: 5 } }, 'INVALID_LIMITS', 'limits has no "topicMax"'],
    ['no record', { limits: 5 }, 'INVALID_OPTION', 'limits is 5'],
    ['an unknown option', { limit: {} }, 'INVALID_OPTION', 'options has no "limit"'],
    ['no options', null, 'INVALID_OPTION', 'the options of memoryEventLog is null'],
  ])('cannot be %s', (_, options, code, text) => {
    expect(() => memoryEventLog(options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    )
  })

  it('may be missing or undefined', () => {
    expect(() => memoryEventLog({ limits: { eventsMax: undefined, topicsMax: 1 } })).not.toThrow()
  })
})
