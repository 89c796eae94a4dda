import { isFrameChannel } from '@frameport/framing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertQuiet, createMemoryChannels, createVirtualClock } from '../src/index.ts'
import { recordFrames } from './frame-recorder.ts'
import { patterned } from './recorder.ts'

const clock = createVirtualClock()

it('an end is a channel without overhead, which accepts 1 MiB by default', () => {
  const { a } = createMemoryChannels()
  expect(isFrameChannel(a)).toBe(true)
  expect([a.frameOverheadBytes, a.receiveBytesMax, a.sendBytesMax]).toEqual([0, 1_048_576, 1_048_576])
})

it('a frame that is longer than the window travels alone and complete', async () => {
  const { a, b } = createMemoryChannels({ windowBytes: 10 })
  expect(a.send(patterned(1))).toBe('sent')
  expect(a.send(patterned(50))).toBe('queued')
  expect(a.counters).toMatchObject({ onWayBytes: 1, queuedBytes: 50 })
  const { events } = recordFrames(b)
  await clock.settle()
  expect(events).toEqual(['frame 1', 'frame 50'])
})

it('a pause inside received() holds the frame, and received() is not called again for it', async () => {
  const { a, b } = createMemoryChannels()
  const { events } = recordFrames(b, {
    received() {
      events.push('received')
      b.pause()
    },
  })
  a.send(patterned(1))
  await clock.settle()
  expect(events).toEqual(['received'])
  b.resume()
  await clock.settle()
  expect(events).toEqual(['received', 'frame 1'])
})

it('frames are not lost or reordered, whatever the window and the latency, and every byte is counted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 2 }),
      async (sizes, windowBytes, latencyMs) => {
        const time = createVirtualClock()
        const channels = createMemoryChannels({ clock: time, latencyMs, windowBytes })
        const { a, b } = channels
        const [, atB] = [recordFrames(a), recordFrames(b)]
        const sent = sizes.map((size, index) => patterned(size).map((byte) => byte ^ index))
        for (const frame of sent) a.send(frame)
        const { acceptedBytes, queuedBytes, onWayBytes } = a.counters
        expect(queuedBytes + onWayBytes).toBe(acceptedBytes)
        a.end()
        b.end()
        await time.runUntilIdle()
        expect(atB.frames).toEqual(sent)
        expect(a.counters).toMatchObject({ deliveredBytes: acceptedBytes, chunksDelivered: sizes.length })
        assertQuiet(time, channels)
      },
    ),
    { numRuns: 60 },
  )
})

it('a frame that exceeds the limit of the receiver, and all later ones, count as dropped', async () => {
  const { a, b } = createMemoryChannels({ receiveBytesMax: 3 })
  recordFrames(b, { invalid: () => undefined })
  for (const size of [2, 4, 1]) a.send(patterned(size))
  await clock.settle()
  expect(a.counters).toMatchObject({ acceptedBytes: 7, deliveredBytes: 2, droppedBytes: 5, onWayBytes: 0 })
})

describe('wrong options', () => {
  const refused = expect.objectContaining({ name: 'TestingError', code: 'INVALID_OPTION' })

  it.each([
    [null],
    [{ latencyMs: 1 }],
    [{ windowBytes: 0 }],
    [{ chunking: 'merged' }],
    [{ receiveBytesMax: -1 }],
    [{ sendBytesMax: null }],
    [{ highWatermarkBytes: 1, lowWatermarkBytes: 2 }],
  ])('%j are refused', (options) => {
    expect(() => createMemoryChannels(options as object)).toThrow(refused)
  })

  it.each(['receiveBytesMax', 'sendBytesMax'] as const)('a wrong %s of a channel is refused', (limit) => {
    const { a } = createMemoryChannels()
    for (const value of [-1, 1.5, '5' as never]) {
      expect(() => {
        a[limit] = value
      }).toThrow(refused)
    }
    expect(a[limit]).toBe(1_048_576)
  })
})
