import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { EventListeners } from '../src/events/event-listeners.ts'

import { listeners, news, nothing } from './support/event-listeners.ts'

describe('a listener', () => {
  it('for an unknown event is refused: the error suggests a similar name, or lists all', () => {
    expect(() => listeners().made.add('al', [nothing])).toThrow(/^"al": did you mean all\? The contract/)
    expect(() => listeners().made.add('al', [nothing])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_EVENT' }),
    )
    expect(() => listeners().made.add('bell', [nothing])).toThrow(
      /^"bell" \(events: all, room, own, slow\): /,
    )
    const none = contract('none', { version: 1, procedures: { ping: procedure({}) } })
    const made = new EventListeners(none, {} as never)
    expect(() => made.add('al', [nothing])).toThrow(/^"al" \(events: none\): /)
  })

  it('for an event object is refused: the error asks for the name of the event', () => {
    const { made } = listeners()
    const given = news.events.room as unknown as string
    expect(() => made.add(given, [{}, nothing])).toThrow(
      /^the event itself was given: give its name, \$on\('room', …\)/,
    )
    expect(() => made.add(5 as unknown as string, [nothing])).toThrow(/^5 \(events: all, room, own, slow\): /)
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
  ])('that is %s is refused, and the error names it', (_, given) => {
    expect(() => listeners().made.add('all', [given])).toThrow(/^listener is .*, not a function/)
  })

  it('keeps its topic as long as the topic has a listener, and ends independently', () => {
    const { made, left } = listeners()
    const first = made.add('room', ['a', nothing])
    const second = made.add('room', ['a', nothing])
    const other = made.add('room', ['b', nothing])
    expect([
      made.has('news@1/room', '"a"'),
      made.has('news@1/room', '"c"'),
      made.has('news@1/all', '"a"'),
    ]).toEqual([true, false, false])
    first()
    first()
    expect([left, made.has('news@1/room', '"a"')]).toEqual([[], true])
    second()
    expect([left, made.has('news@1/room', '"a"')]).toEqual([['news/room "a"'], false])
    const again = made.add('room', ['a', nothing])
    second()
    first()
    expect([left.length, made.has('news@1/room', '"a"')]).toEqual([1, true])
    again()
    other()
    expect(left).toEqual(['news/room "a"', 'news/room "a"', 'news/room "b"'])
  })

  it('is awaited together with the others on its topic if each awaits its answer, and if all have left', () => {
    const { made } = listeners()
    const areAwaited = () => made.areAwaited(news.eventEntries.get('room')!, '"a"')
    const [one, two] = [made.add('room', ['a', nothing]), made.add('room', ['a', nothing])]
    void one.subscribed
    expect(areAwaited()).toBe(false)
    void two.subscribed
    expect(areAwaited()).toBe(true)
    made.add('room', ['b', nothing])
    const three = made.add('room', ['a', nothing])
    for (const stop of [one, two, three]) stop()
    expect(areAwaited()).toBe(true)
  })

  it('has no visible property except subscribed', () => {
    expect(Object.keys(listeners().made.add('all', [nothing]))).toEqual(['subscribed'])
  })

  it('that stops itself and adds another one in its call does not affect the others', () => {
    const { made, receive } = listeners()
    const seen: string[] = []
    const first = made.add('all', [
      () => {
        seen.push('first')
        first()
        made.add('all', [() => void seen.push('added')])
      },
    ])
    made.add('all', [() => void seen.push('second')])
    receive('all', '')
    expect(seen).toEqual(['first', 'second'])
    receive('all', '')
    expect(seen).toEqual(['first', 'second', 'second', 'added'])
  })

  it('ends the silence of its client with each event that arrives, even for an event without listeners', () => {
    const { receive, settled } = listeners()
    receive('all', '')
    receive('unknown', '')
    expect(settled.times).toBe(2)
  })
})

describe('an event without listeners', () => {
  it('is not validated, and an event that is not in the contract is ignored', () => {
    const { made, receive, invalid } = listeners()
    receive('all', '', 5)
    made.add('room', ['a', nothing])
    receive('room', '"b"', 5)
    receive('unknown', '', 5)
    expect(invalid).toEqual([])
    receive('room', '"a"', 5)
    expect(invalid).toHaveLength(1)
  })

  it('causes no gap, and an event with listeners does, with its topic', () => {
    const { made, gaps } = listeners()
    made.add('room', ['a', nothing])
    made.add('all', [nothing])
    made.gap({ event: 'news@1/room', topic: '"b"', events: 1 })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 1 })
    made.gap({ event: 'news@1/unknown', topic: '', events: 1 })
    made.gap({ event: 'news@1/room', topic: '"a"', events: 2 })
    made.gap({ event: 'news@1/all', topic: '', events: 0 })
    expect(gaps).toEqual([
      { event: 'news/room', topic: 'a', events: 2 },
      { event: 'news/all', topic: undefined, events: 0 },
    ])
  })

  it('that the session had to leave out is reported with its name and the reason', () => {
    const { made, invalid } = listeners()
    made.dropped({ event: 'news@1/all', topic: '', problem: 'it is too long' })
    expect(invalid).toMatchObject([
      { code: 'INTERNAL', message: 'an event news@1/all of the server was left out: it is too long' },
    ])
  })
})
