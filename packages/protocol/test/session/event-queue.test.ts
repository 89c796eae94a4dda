import { describe, expect, it } from 'vitest'
import { sharedEncoding } from '../../src/session/events/event-encoding.ts'
import { EventQueue } from '../../src/session/events/event-queue.ts'
import { encodeEvent } from '../../src/session/index.ts'

/** A queue, and the bytes that it holds of a ledger. */
function queue() {
  const held = { bytes: 0 }
  const ledger = {
    take: (bytes: number) => {
      held.bytes += bytes
      return true
    },
    give: (bytes: number) => {
      held.bytes -= bytes
    },
    leftOut: () => undefined,
    slow: () => undefined,
  }
  const event = (topic: string) =>
    sharedEncoding(
      encodeEvent({ event: 'a/e', topic, body: { kind: 'none' } }, { whenSlow: 'dropOldest', ledger }),
    )
  const waiting = new EventQueue(() => 0)
  /** Takes everything: the topics of events, and the gaps with their numbers. */
  const all = () => {
    const taken: string[] = []
    for (let next = waiting.next(); next !== undefined; next = waiting.next())
      taken.push('events' in next ? `${next.events} of ${next.topic}` : next.topic)
    return taken
  }
  return { waiting, event, held, all }
}

describe('events that were left out', () => {
  it('sum up in merged gaps with the later position, or as unknown if one number is unknown', () => {
    const { waiting, event } = queue()
    const about = { event: 'a/e', topic: 't' }
    const position = (number: number) => ({ log: Uint8Array.of(1), number })
    waiting.addGap({ ...about, events: 2, position: position(1) })
    waiting.addGap({ ...about, events: 3, position: position(2) })
    waiting.addGap({ ...about, events: 4 })
    waiting.tidy()
    expect(waiting.next()).toMatchObject({ events: 9, position: position(2) })
    waiting.addGap({ ...about, events: 0 })
    waiting.leaveOut(event('t'))
    waiting.addGap({ ...about, events: 5 })
    waiting.tidy()
    expect([waiting.next(), waiting.isEmpty]).toMatchObject([{ events: 0, position: undefined }, true])
  })

  it('make one gap until an event of their topic is queued after it, and then another', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.leaveOut(event('t'))
    waiting.leaveOut(event('other'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    expect(waiting.oldest?.topic).toBe('t')
    expect(all()).toEqual(['2 of t', '1 of other', 't', '1 of t'])
  })

  it('count in the last gap of their topic when an earlier one was sent', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    waiting.next()
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['t', '2 of t'])
  })

  it('begin a new gap when the last one was sent', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.next()
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['1 of t'])
  })

  it('take memory with their topics until their gap is sent', () => {
    const { waiting, event } = queue()
    waiting.leaveOut(event('topic'))
    expect([waiting.gapBytes, waiting.isEmpty, waiting.oldest]).toEqual([256 + 5, false, undefined])
    waiting.next()
    expect([waiting.gapBytes, waiting.isEmpty]).toEqual([0, true])
  })
})

describe('events that are dropped, oldest first,', () => {
  it('make one gap in the place of the first, until that was sent', () => {
    const { waiting, event, all, held } = queue()
    for (let time = 0; time < 5; time += 1) waiting.add(event('t'))
    const each = event('t').bytes
    waiting.dropOldest()
    waiting.dropOldest()
    expect([waiting.bytes, held.bytes]).toEqual([3 * each, 3 * each])
    expect(waiting.next()).toMatchObject({ topic: 't', events: 2 })
    waiting.dropOldest()
    expect(all()).toEqual(['1 of t', 't', 't'])
  })

  it('count in their own gap, although an earlier one was sent', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.add(event('t'))
    waiting.dropOldest()
    waiting.next()
    waiting.dropOldest()
    expect(all()).toEqual(['2 of t'])
  })

  it('are found after thousands of events have left the queue', () => {
    const { waiting, event, all } = queue()
    for (let number = 0; number < 3_000; number += 1) waiting.add(event(String(number)))
    for (let number = 0; number < 10; number += 1) waiting.dropOldest()
    for (let number = 0; number < 2_500; number += 1) waiting.next()
    expect(waiting.dropOldest()?.topic).toBe('2500')
    expect(all().slice(0, 2)).toEqual(['1 of 2500', '2501'])
  })

  it('are none when no event may be dropped', () => {
    const { waiting } = queue()
    waiting.add(sharedEncoding(encodeEvent({ event: 'a/e', topic: 't', body: { kind: 'none' } })))
    expect(waiting.dropOldest()).toBeUndefined()
    expect(waiting.oldest?.topic).toBe('t')
  })
})

it('a cleared queue is empty, and accepts events again', () => {
  const { waiting, event, held, all } = queue()
  waiting.add(event('t'))
  waiting.leaveOut(event('u'))
  waiting.clear()
  expect([waiting.bytes, waiting.gapBytes, waiting.isEmpty, held.bytes, all()]).toEqual([0, 0, true, 0, []])
  waiting.add(event('v'))
  expect(all()).toEqual(['v'])
})

describe('a tidied queue', () => {
  it('has one gap where all events between two gaps were dropped, and continues that one', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    waiting.dropOldest()
    waiting.tidy()
    expect(waiting.gapBytes).toBe(256 + 1)
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['4 of t'])
  })

  it('counts events that are dropped later in that gap too', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.dropOldest()
    waiting.tidy()
    expect(waiting.dropOldest()?.topic).toBe('t')
    expect(all()).toEqual(['4 of t'])
  })

  it('keeps gaps apart when an event of their topic is between them, and continues the last one', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    waiting.dropOldest()
    waiting.tidy()
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['2 of t', 't', '2 of t'])
  })

  it('keeps gaps of other topics, events and their order', () => {
    const { waiting, event, all } = queue()
    for (const topic of ['t', 'u']) waiting.leaveOut(event(topic))
    for (const topic of ['t', 'u', 'v']) waiting.add(event(topic))
    waiting.next()
    waiting.dropOldest()
    waiting.tidy()
    expect(waiting.oldest?.topic).toBe('u')
    expect(all()).toEqual(['1 of u', '1 of t', 'u', 'v'])
  })

  it('is made automatically for thousands of entries, so that dropped events take no memory', () => {
    const { waiting, event, all } = queue()
    for (let time = 0; time < 2_000; time += 1) {
      waiting.add(event('t'))
      waiting.leaveOut(event('t'))
      waiting.dropOldest()
    }
    // Without tidying, each round would leave another gap.
    expect(waiting.gapBytes).toBeLessThan(1_100 * (256 + 1))
    const numbers = all().map((gap) => Number.parseInt(gap, 10))
    expect(numbers.reduce((sum, number) => sum + number)).toBe(4_000)
  })
})

it('the oldest gap is the first one, also after events', () => {
  const { waiting, event } = queue()
  expect(waiting.oldestGap).toBeUndefined()
  waiting.add(event('t'))
  waiting.leaveOut(event('u'))
  waiting.leaveOut(event('v'))
  expect(waiting.oldestGap?.topic).toBe('u')
  waiting.next()
  waiting.next()
  expect(waiting.oldestGap?.topic).toBe('v')
})
