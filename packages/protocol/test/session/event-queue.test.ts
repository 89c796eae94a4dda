import { describe, expect, it } from 'vitest'
import { sharedEncoding } from '../../src/session/events/event-encoding.ts'
import { EventQueue } from '../../src/session/events/event-queue.ts'
import { encodeEvent } from '../../src/session/index.ts'

/** A queue, and how many bytes it holds of a ledger. */
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
  /** Takes all: topics of events, and gaps with their numbers. */
  const all = () => {
    const taken: string[] = []
    for (let next = waiting.next(); next !== undefined; next = waiting.next())
      taken.push('events' in next ? `${next.events} of ${next.topic}` : next.topic)
    return taken
  }
  return { waiting, event, held, all }
}

describe('events that were left out', () => {
  it('make a number that is not known of one that is, where their gaps are merged, which keep the later position', () => {
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

  it('are one gap until an event of their topic waits behind it, then another', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.leaveOut(event('t'))
    waiting.leaveOut(event('other'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    expect(waiting.oldest?.topic).toBe('t')
    expect(all()).toEqual(['2 of t', '1 of other', 't', '1 of t'])
  })

  it('go on in the last gap of their topic when an earlier one has been told', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.leaveOut(event('t'))
    waiting.next()
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['t', '2 of t'])
  })

  it('begin a new gap when the last one has been told', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.next()
    waiting.leaveOut(event('t'))
    expect(all()).toEqual(['1 of t'])
  })

  it('count with their topics as long as they wait', () => {
    const { waiting, event } = queue()
    waiting.leaveOut(event('topic'))
    expect([waiting.gapBytes, waiting.isEmpty, waiting.oldest]).toEqual([256 + 5, false, undefined])
    waiting.next()
    expect([waiting.gapBytes, waiting.isEmpty]).toEqual([0, true])
  })
})

describe('events that are dropped, the oldest first,', () => {
  it('are one gap in the place of the first of them, until that has been told', () => {
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

  it('are counted in their own gap, although one in front of them has been told', () => {
    const { waiting, event, all } = queue()
    waiting.leaveOut(event('t'))
    waiting.add(event('t'))
    waiting.add(event('t'))
    waiting.dropOldest()
    waiting.next()
    waiting.dropOldest()
    expect(all()).toEqual(['2 of t'])
  })

  it('are found behind thousands that have left', () => {
    const { waiting, event, all } = queue()
    for (let number = 0; number < 3_000; number += 1) waiting.add(event(String(number)))
    for (let number = 0; number < 10; number += 1) waiting.dropOldest()
    for (let number = 0; number < 2_500; number += 1) waiting.next()
    expect(waiting.dropOldest()?.topic).toBe('2500')
    expect(all().slice(0, 2)).toEqual(['1 of 2500', '2501'])
  })

  it('are none when none may be dropped', () => {
    const { waiting } = queue()
    waiting.add(sharedEncoding(encodeEvent({ event: 'a/e', topic: 't', body: { kind: 'none' } })))
    expect(waiting.dropOldest()).toBeUndefined()
    expect(waiting.oldest?.topic).toBe('t')
  })
})

it('a queue that is cleared holds nothing, and takes events again', () => {
  const { waiting, event, held, all } = queue()
  waiting.add(event('t'))
  waiting.leaveOut(event('u'))
  waiting.clear()
  expect([waiting.bytes, waiting.gapBytes, waiting.isEmpty, held.bytes, all()]).toEqual([0, 0, true, 0, []])
  waiting.add(event('v'))
  expect(all()).toEqual(['v'])
})

describe('a queue that is tidied', () => {
  it('has one gap where the events between those of a topic were dropped, and goes on in it', () => {
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

  it('counts in that gap what is dropped behind it, too', () => {
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

  it('keeps gaps apart between which an event of their topic waits, and goes on in the last one', () => {
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

  it('keeps the gaps of other topics, events and their order', () => {
    const { waiting, event, all } = queue()
    for (const topic of ['t', 'u']) waiting.leaveOut(event(topic))
    for (const topic of ['t', 'u', 'v']) waiting.add(event(topic))
    waiting.next()
    waiting.dropOldest()
    waiting.tidy()
    expect(waiting.oldest?.topic).toBe('u')
    expect(all()).toEqual(['1 of u', '1 of t', 'u', 'v'])
  })

  it('is tidied by itself when thousands wait: what was dropped takes no place', () => {
    const { waiting, event, all } = queue()
    for (let time = 0; time < 2_000; time += 1) {
      waiting.add(event('t'))
      waiting.leaveOut(event('t'))
      waiting.dropOldest()
    }
    // Each round would leave a gap of its own behind the one of what was dropped.
    expect(waiting.gapBytes).toBeLessThan(1_100 * (256 + 1))
    const numbers = all().map((gap) => Number.parseInt(gap, 10))
    expect(numbers.reduce((sum, number) => sum + number)).toBe(4_000)
  })
})

it('the gap that waits longest is the first one, also behind events', () => {
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
