import { describe, expect, it } from 'vitest'
import { assertQuiet } from '../../src/index.ts'
import { recordFrames } from '../frame-recorder.ts'
import { patterned } from '../recorder.ts'
import { kinds } from './kinds.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe.each(kinds)('%s: a frame', (_kind, open) => {
  it('keeps its boundaries and its order, even if it is empty, and is never delivered inside send', async () => {
    const { a, b, settle } = await open()
    const [atA, atB] = [recordFrames(a), recordFrames(b)]
    expect(a.send(Uint8Array.of(1, 2))).toBe('sent')
    expect(a.send(new Uint8Array())).toBe('sent')
    expect(a.send([Uint8Array.of(3), Uint8Array.of(4, 5)])).toBe('sent')
    expect(b.send([])).toBe('sent')
    expect([...atA.events, ...atB.events]).toEqual([])
    await settle()
    expect(atB.frames).toEqual([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3, 4, 5)])
    expect(atA.frames).toEqual([new Uint8Array()])
  })

  it('is preceded by a call of received()', async () => {
    const { a, b, settle } = await open()
    const { events } = recordFrames(b, { received: () => void events.push('received') })
    a.send(patterned(3))
    a.send(patterned(0))
    await settle()
    expect(events).toEqual(['received', 'frame 3', 'received', 'frame 0'])
  })

  it('is copied by send and lent to the sink, and overwritten afterwards', async () => {
    const { a, b, settle } = await open()
    const lent: Uint8Array[] = []
    const { frames } = recordFrames(b, { frame: (payload) => void lent.push(payload) })
    const bytes = Uint8Array.of(1, 2, 3)
    a.send(bytes)
    bytes.fill(0)
    await settle()
    expect(frames).toEqual([Uint8Array.of(1, 2, 3)])
    expect([...(lent[0] as Uint8Array)]).toEqual([0xdd, 0xdd, 0xdd])
    expect(lent[0]?.byteOffset).toBeGreaterThan(0)
  })

  it('waits for a sink, as does the end after it', async () => {
    const { a, b, settle } = await open()
    a.send(patterned(7))
    a.end()
    await settle()
    const { events } = recordFrames(b)
    expect(events).toEqual([])
    await settle()
    expect(events).toEqual(['frame 7', 'end'])
  })

  it('arrives after the latency, without real time', async () => {
    const { a, b, clock: time } = await open({ latencyMs: 5_000 })
    const { events } = recordFrames(b)
    a.send(patterned(1))
    await time.advance(4_999)
    expect(events).toEqual([])
    await time.advance(1)
    expect(events).toEqual(['frame 1'])
  })

  it('over sendBytesMax is refused and not sent, and the channel stays usable', async () => {
    const { a, b, settle } = await open({ sendBytesMax: 2 })
    const { events } = recordFrames(b)
    expect(() => a.send(patterned(3))).toThrow(code('FRAME_TOO_LONG'))
    expect(() => a.send([patterned(2), patterned(1)])).toThrow(code('FRAME_TOO_LONG'))
    a.send(patterned(2))
    a.sendBytesMax = 3
    expect(a.sendBytesMax).toBe(3)
    a.send(patterned(3))
    await settle()
    expect(events).toEqual(['frame 2', 'frame 3'])
  })

  it.each([['text'], [5], [null], [[new Uint8Array(), 'text']]])('that is %j is refused', async (payload) => {
    const { a } = await open()
    expect(() => a.send(payload as never)).toThrow(code('INVALID_ARGUMENT'))
  })
})

describe.each(kinds)('%s: a frame that is too long for the receiver', (_kind, open) => {
  it('is reported to invalid() after the frames before it; nothing follows, and sending is still possible', async () => {
    const channels = await open({ receiveBytesMax: 3 })
    const { a, b, settle } = channels
    const [atA, atB] = [recordFrames(a), recordFrames(b, { invalid: () => undefined })]
    a.send(patterned(3))
    a.send(patterned(4))
    a.send(patterned(1))
    a.end()
    await settle()
    expect(atB.events).toEqual(['frame 3', 'invalid'])
    expect(atB.invalid).toMatchObject({ code: 'FRAME_TOO_LONG', announcedBytes: 4, frameBytesMax: 3 })
    b.send(patterned(2))
    b.end()
    await settle()
    expect(atA.events).toEqual(['frame 2', 'end', 'close'])
    expect(atB.events).toEqual(['frame 3', 'invalid', 'close'])
    assertQuiet(channels)
  })

  it('aborts the channel if the sink has no invalid()', async () => {
    const channels = await open({ receiveBytesMax: 3 })
    const { settle } = channels
    const [atA, atB] = [recordFrames(channels.a), recordFrames(channels.b)]
    channels.a.send(patterned(4))
    await settle()
    expect([atA.events, atB.events]).toEqual([['close'], ['close']])
    expect(atB.closeError).toMatchObject({ code: 'FRAME_TOO_LONG' })
    expect(atA.closeError).toMatchObject({ code: 'CONNECTION_RESET' })
    assertQuiet(channels)
  })

  it('is measured by the limit at the time of its delivery', async () => {
    const { a, b, settle } = await open({ receiveBytesMax: 3 })
    const { events } = recordFrames(b, {
      frame: () => {
        b.receiveBytesMax = 5
      },
    })
    a.send(patterned(1))
    a.send(patterned(5))
    await settle()
    expect(events).toEqual(['frame 1', 'frame 5'])
    expect(b.receiveBytesMax).toBe(5)
  })
})

describe.each(kinds)('%s: start', (_kind, open) => {
  it('may be called only once', async () => {
    const { a } = await open()
    recordFrames(a)
    expect(() => recordFrames(a)).toThrow(code('ALREADY_STARTED'))
  })

  it.each([[null], [{}], [{ frame: 5 }]])('refuses the sink %j', async (sink) => {
    const { a } = await open()
    expect(() => a.start(sink as never)).toThrow(code('INVALID_ARGUMENT'))
  })
})
