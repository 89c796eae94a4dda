import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'

import { listeners, nothing } from './support/event-listeners.ts'

describe('a session that replaces another', () => {
  const lost = (name: string, topic?: string) => ({ event: `news/${name}`, topic, events: 0 })

  it('subscribes to every topic that has listeners, once, whatever their number', () => {
    const { made, again } = listeners()
    made.add('own', ['a', nothing])
    made.add('own', ['a', nothing])
    made.add('room', ['b', nothing])
    made.add('own', ['left', nothing])()
    made.sessionReplaced()
    expect(again.map(({ name, topic }) => [name, topic])).toEqual([
      ['news/own', '"a"'],
      ['news/room', '"b"'],
    ])
  })

  it('reports a gap of unknown length after it has subscribed to a topic', async () => {
    const { made, again, gaps, receive } = listeners()
    await made.add('own', ['a', nothing]).subscribed
    made.sessionReplaced()
    expect(gaps).toEqual([])
    again[0]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([lost('own', 'a')])
    receive('own', '"a"')
    expect(gaps).toHaveLength(1)
  })

  it('reports the gap before an event that arrives before the answer, and no gap besides one of the server', async () => {
    const order: unknown[] = []
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', () => void order.push(gaps.length)])
    await made.add('own', ['b', nothing]).subscribed
    made.sessionReplaced()
    receive('own', '"a"')
    made.gap({ event: 'news@1/own', topic: '"b"', events: 3 })
    for (const { resolve } of again) resolve()
    await Promise.resolve()
    expect([order, gaps]).toEqual([[1], [lost('own', 'a'), { ...lost('own', 'b'), events: 3 }]])
  })

  it('reports no gap for a topic that the previous server had not yet confirmed', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', nothing])
    made.sessionReplaced()
    again[0]?.resolve()
    await Promise.resolve()
    receive('own', '"a"')
    expect(gaps).toEqual([])
    made.sessionReplaced()
    again[1]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([lost('own', 'a')])
  })

  it('reports no gap for a refused topic, nor for one without the listeners of before', async () => {
    const { made, again, gaps } = listeners()
    made.add('own', ['a', nothing])
    const stop = made.add('own', ['b', nothing])
    made.sessionReplaced()
    again[0]?.resolve(new RpcError('PERMISSION_DENIED', 'no'))
    stop()
    made.add('own', ['b', nothing])
    again[1]?.resolve()
    await Promise.resolve()
    expect(gaps).toEqual([])
  })
})

describe('the facts of an event', () => {
  const place = { log: Uint8Array.of(7), number: 12 }

  it('contain its position in the log that keeps it, for every listener on the topic', () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    for (const name of ['one', 'other'])
      made.add('own', ['a', (text: unknown, facts: unknown) => void heard.push([name, text, facts])])
    receive('own', '"a"', 'text', place)
    expect(heard).toEqual([
      ['one', 'text', { position: place }],
      ['other', 'text', { position: place }],
    ])
  })

  it('contain no position if no log keeps it, and are one shared object', () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    made.add('all', [(_text: unknown, facts: unknown) => void heard.push(facts)])
    receive('all', '')
    receive('all', '')
    expect(heard).toEqual([{ position: undefined }, { position: undefined }])
    expect(heard[0]).toBe(heard[1])
    expect(Object.isFrozen(heard[0])).toBe(true)
  })

  it('belong to the event even if its validation is asynchronous', async () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    made.add('slow', ['a', (_text: unknown, facts: unknown) => void heard.push(facts)])
    const next = { ...place, number: 15 }
    receive('slow', '"a"', 'text', place)
    receive('slow', '"a"', 'text', next)
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual([{ position: place }, { position: next }])
  })
})

describe('the position of a topic', () => {
  const at = (number: number, log = 1) => ({ log: Uint8Array.of(log), number })

  it('is where a new session continues, and the session reports missing events', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('own', ['a', nothing])
    receive('own', '"a"', 'x', at(7))
    made.sessionReplaced()
    expect(again.map(({ position }) => position)).toEqual([at(7)])
    again[0]?.resolve()
    await Promise.resolve()
    receive('own', '"a"', 'x', at(9))
    expect(gaps).toEqual([])
    made.gap({ event: 'news@1/own', topic: '"a"', events: 0, position: at(2, 2) })
    made.sessionReplaced()
    expect([gaps.length, again.at(-1)?.position]).toEqual([1, at(2, 2)])
  })

  it('drops repeated events, but none of another log or without a position', () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    made.add('own', ['a', (value: unknown) => heard.push(value)])
    made.add('own', ['b', (value: unknown) => heard.push(value)])
    for (const number of [5, 5, 4, 6]) receive('own', '"a"', `a${number}`, at(number))
    receive('own', '"b"', 'b1', at(1))
    receive('own', '"a"', 'other', at(3, 2))
    receive('own', '"a"', 'other again', at(3, 2))
    receive('own', '"a"', 'without')
    receive('own', '"a"', 'other 4', at(4, 2))
    expect(heard).toEqual(['a5', 'a6', 'b1', 'other', 'without', 'other 4'])
  })

  it('advances with a gap, and never goes back', () => {
    const { made, again } = listeners()
    made.add('own', ['a', nothing])
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(9) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(4) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3 })
    made.sessionReplaced()
    expect(again[0]?.position).toEqual(at(9))
  })

  it('does not advance with an event that overflowed the queue, so that it is sent again', () => {
    const { made, again, receive, overflows } = listeners(1)
    made.add('slow', ['a', nothing])
    receive('slow', '"a"', 'x', at(1))
    receive('slow', '"a"', 'x', at(2))
    made.sessionReplaced()
    expect([overflows.length, again[0]?.position]).toEqual([1, at(1)])
  })

  it('of an event to which handlers subscribe is not used: missed events are a gap', async () => {
    const { made, again, gaps, receive } = listeners()
    made.add('room', ['a', nothing])
    receive('room', '"a"', 'x', at(1))
    made.sessionReplaced()
    again[0]?.resolve()
    await Promise.resolve()
    expect(gaps).toHaveLength(1)
  })
})

describe('a subscription that the server has ended', () => {
  it('has no listeners, is not requested from later sessions, and begins anew with the next listener', async () => {
    const { made, left, again, receive, listened } = listeners()
    const heard: string[] = []
    const stop = made.add('own', ['a', () => void heard.push('before')])
    made.add('own', ['a', () => void heard.push('also before')])
    await stop.subscribed
    made.end(listened[0]!)
    receive('own', '"a"')
    stop()
    made.sessionReplaced()
    expect([heard, left, again, made.has('news@1/own', '"a"')]).toEqual([[], ['news/own "a"'], [], false])
    made.add('own', ['a', () => void heard.push('behind')])
    receive('own', '"a"')
    expect(heard).toEqual(['behind'])
  })
})
