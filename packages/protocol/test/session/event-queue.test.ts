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
