import { describe, expect, it } from 'vitest'
import { assertQuiet } from '../../src/index.ts'
import { recordFrames } from '../frame-recorder.ts'
import { patterned } from '../recorder.ts'
import { kinds, small, taking } from './kinds.ts'

describe.each(kinds)('%s: back-pressure', (_kind, open) => {
  it('returns the right verdicts at, and one byte over, the window and the watermark', async () => {
    const { a } = await open(small)
    expect(a.send(taking(a, 20))).toBe('sent')
    expect(a.send(taking(a, 40))).toBe('queued')
    expect(a.queuedBytes).toBe(40)
    expect(a.send(taking(a, 4))).toBe('full')
    expect(a.queuedBytes).toBe(44)
  })

  it('drains once, when the queue has fallen to the low watermark', async () => {
    const { a, b, settle } = await open(small)
    const { events } = recordFrames(a)
    a.send(taking(a, 20))
    for (let sent = 0; sent < 5; sent++) a.send(taking(a, 10))
    let drained = false
    const waiting = a.drained().then(() => {
      drained = true
    })
    await settle()
    expect([events, drained]).toEqual([[], false])
    const { frames } = recordFrames(b)
    await settle()
    expect([events, drained]).toEqual([['drain'], true])
    expect(frames).toEqual([taking(a, 20), ...Array.from({ length: 5 }, () => taking(a, 10))])
    await Promise.all([waiting, a.drained()])
  })

  it('of a paused receiver holds back frames, end and close, until a microtask after resume', async () => {
    const channels = await open()
    const { a, b, settle } = channels
    const { events } = recordFrames(b, { frame: () => b.pause() })
    for (let sent = 1; sent <= 3; sent++) a.send(patterned(sent))
    a.end()
    b.end()
    await settle()
    expect(events).toEqual(['frame 1'])
    for (const expected of [['frame 2'], ['frame 3'], ['end', 'close']]) {
      const before = events.length
      b.resume()
      b.resume()
      expect(events).toHaveLength(before)
      await settle()
      expect(events.slice(before)).toEqual(expected)
    }
  })

  it('begins with a pause before start', async () => {
    const { a, b, settle } = await open()
    b.pause()
    const { events } = recordFrames(b)
    a.send(patterned(1))
    await settle()
    expect(events).toEqual([])
    b.resume()
    await settle()
    expect(events).toEqual(['frame 1'])
  })

  it('stays if a pause follows resume at once', async () => {
    const { a, b, settle } = await open()
    b.pause()
    const { events } = recordFrames(b)
    a.send(patterned(1))
    b.resume()
    b.pause()
    await settle()
    expect(events).toEqual([])
  })
})

describe.each(kinds)('%s: the end', (_kind, open) => {
  it('closes one direction: the other one continues, and both close without an error', async () => {
    const channels = await open()
    const { a, b, settle } = channels
    const [atA, atB] = [recordFrames(a), recordFrames(b)]
    a.end()
    a.end()
    expect(a.send(patterned(1))).toBe('closed')
    await settle()
    expect(atB.events).toEqual(['end'])
    expect(b.send(patterned(2))).toBe('sent')
    b.end()
    await settle()
    expect(atA.events).toEqual(['frame 2', 'end', 'close'])
    expect(atB.events).toEqual(['end', 'close'])
    expect([atA.closeError, atB.closeError]).toEqual([undefined, undefined])
    assertQuiet(channels)
  })

  it('arrives after the queued frames', async () => {
    const { a, b, settle } = await open(small)
    for (let sent = 0; sent < 10; sent++) a.send(taking(a, 20))
    a.end()
    const { events } = recordFrames(b)
    await settle()
    expect(events).toHaveLength(11)
    expect(events.at(-1)).toBe('end')
  })

  it('by abort reports the first reason here and a reset there, drops data under way and settles drained()', async () => {
    const channels = await open(small)
    const { a, b, settle } = channels
    const [atA, atB] = [recordFrames(a), recordFrames(b, { frame: () => b.pause() })]
    a.send(taking(a, 20))
    await settle()
    a.send(taking(a, 20))
    expect(a.send(taking(a, 60))).toBe('full')
    const waiting = a.drained()
    const reason = new Error('enough')
    a.abort(reason)
    a.abort(new Error('a later reason'))
    expect(a.send(patterned(1))).toBe('closed')
    expect(atA.events).toEqual([])
    await waiting
    await settle()
    expect(atA.events).toEqual(['close'])
    expect(atA.closeError).toBe(reason)
    expect(atB.events).toEqual([`frame ${20 - a.frameOverheadBytes}`, 'close'])
    expect(atB.closeError).toMatchObject({ code: 'CONNECTION_RESET' })
    assertQuiet(channels)
  })

  it('by abort inside a callback is followed only by the close', async () => {
    const { a, b, settle } = await open()
    const { events } = recordFrames(b, { frame: () => b.abort() })
    a.send(patterned(1))
    a.send(patterned(2))
    a.end()
    await settle()
    expect(events).toEqual(['frame 1', 'close'])
  })
})

it.each(kinds)('%s list what they still hold', async (_kind, open) => {
  const channels = await open({ latencyMs: 1 })
  const { clock } = channels
  channels.a.send(taking(channels.a, 9))
  expect(() => assertQuiet(channels)).toThrow(/ is open.* 9 on the way.* is open/)
  channels.a.abort()
  await clock.runUntilIdle()
  assertQuiet(channels, clock)
})
