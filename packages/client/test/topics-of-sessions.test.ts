import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'

import { listeners, nothing } from './support/event-listeners.ts'

describe('a session that has taken the place of another', () => {
  const lost = (name: string, topic?: string) => ({ event: `news/${name}`, topic, events: 0 })

  it('is asked for every topic that somebody listens to, once, whatever the number of listeners', () => {
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

  it('leaves a gap of unknown length, once it sends the events of the topic', async () => {
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

  it('leaves the gap in front of an event that comes before the answer, and none beside what the server says itself', async () => {
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

  it('leaves no gap for a topic that the server before had not said yes to', async () => {
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

  it('leaves no gap for what it refuses, and what nobody listens to any more', async () => {
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

  it('have its place in the log that keeps it, for every listener on the topic', () => {
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

  it('have none where no log keeps it, and are one object then', () => {
    const { made, receive } = listeners()
    const heard: unknown[] = []
    made.add('all', [(_text: unknown, facts: unknown) => void heard.push(facts)])
    receive('all', '')
    receive('all', '')
    expect(heard).toEqual([{ position: undefined }, { position: undefined }])
    expect(heard[0]).toBe(heard[1])
    expect(Object.isFrozen(heard[0])).toBe(true)
  })

  it('are those of the event also when its schema takes its time', async () => {
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

  it('is where a new session is asked to go on, which says itself what is missing', async () => {
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

  it('keeps out what comes twice, and nothing of another log, or without a position', () => {
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

  it('goes on with a gap, and never back', () => {
    const { made, again } = listeners()
    made.add('own', ['a', nothing])
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(9) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3, position: at(4) })
    made.gap({ event: 'news@1/own', topic: '"a"', events: 3 })
    made.sessionReplaced()
    expect(again[0]?.position).toEqual(at(9))
  })

  it('does not go on with an event that could not wait, so that it comes again', () => {
    const { made, again, receive, overflows } = listeners(1)
    made.add('slow', ['a', nothing])
    receive('slow', '"a"', 'x', at(1))
    receive('slow', '"a"', 'x', at(2))
    made.sessionReplaced()
    expect([overflows.length, again[0]?.position]).toEqual([1, at(1)])
  })

  it('of an event of handlers is for nobody to ask for: what was missed is a gap', async () => {
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
  it('has no listeners any more, is asked of no other session, and begins anew with the next listener', async () => {
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
