import { describe, expect, it } from 'vitest'
import { FrameDecoder, framingLimits, payloadBytesLargest } from '../../src/index.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'

function copiedFor(payloadLength: number, chunkLength: number): number {
  const decoder = new FrameDecoder({ frameBytesMax: payloadLength })
  const bytes = frameOf(patterned(payloadLength))
  let frames = 0
  for (let at = 0; at < bytes.length; at += chunkLength) {
    decoder.push(bytes.subarray(at, at + chunkLength), (payload) => {
      expect(payload.length).toBe(payloadLength)
      frames += 1
    })
  }
  expect(frames).toBe(1)
  return decoder.copiedBytes
}

describe('the work of the decoder', () => {
  it.each([1, 7, 1024, 65_536])('is linear for one frame in chunks of %i bytes', (chunkLength) => {
    for (const payloadLength of [1 << 14, 1 << 17, 1 << 20]) {
      expect(copiedFor(payloadLength, chunkLength)).toBeLessThan(3 * payloadLength)
    }
  })

  it('is linear for chunks that are pushed first and split later', () => {
    const decoder = new FrameDecoder()
    const frame = frameOf(patterned(100))
    const count = 20_000
    for (let at = 0; at < count; at += 1) decoder.push(frame)
    let taken = 0
    while (decoder.next() !== undefined) taken += 1
    expect(taken).toBe(count)
    expect(decoder.copiedBytes).toBeLessThanOrEqual(count * frame.length)
  })

  it('is linear for many small chunks after a long one that waits', () => {
    const decoder = new FrameDecoder()
    decoder.push(concat(...Array.from({ length: 1000 }, () => frameOf(patterned(996)))))
    for (let at = 0; at < 10_000; at += 1) {
      decoder.push(hex('00'))
      decoder.keep()
    }
    expect(decoder.copiedBytes).toBeLessThanOrEqual(1_010_000)
  })

  it('copies none of a thousand frames in one chunk, except the frame that spans its end', () => {
    const frame = frameOf(patterned(60))
    const bytes = concat(...Array.from({ length: 1000 }, () => frame))
    const decoder = new FrameDecoder()
    const cut = bytes.length - 10
    decoder.push(bytes.subarray(0, cut), () => undefined)
    decoder.push(bytes.subarray(cut), () => undefined)
    expect(decoder.copiedBytes).toBe(60)
  })
})

describe('the memory of the decoder', () => {
  it('is proportional to the 10 bytes that arrived, not to the announced 4 GiB - 1', () => {
    const frameBytesMax = payloadBytesLargest.uint32be
    const decoder = new FrameDecoder({ frameBytesMax })
    const before = process.memoryUsage().arrayBuffers
    decoder.push(concat(hex('ffffffff'), patterned(10)), () => undefined)
    expect(decoder.bufferedBytes).toBe(14)
    expect(decoder.memoryBytes).toBeLessThanOrEqual(framingLimits.pendingBytesMin + 4)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
  })

  it('stays under twice the bytes that arrived while a long frame arrives', () => {
    const length = 3_000_000
    const decoder = new FrameDecoder({ frameBytesMax: length })
    const bytes = frameOf(patterned(length))
    for (let at = 0; at + 5000 < bytes.length; at += 5000) {
      decoder.push(bytes.subarray(at, at + 5000), () => undefined)
      expect(decoder.memoryBytes).toBeLessThanOrEqual(
        2 * decoder.bufferedBytes + framingLimits.pendingBytesMin,
      )
    }
  })

  it('is released with the frame', () => {
    const decoder = new FrameDecoder()
    const bytes = frameOf(patterned(100_000))
    decoder.push(bytes.subarray(0, 50_000), () => undefined)
    expect(decoder.memoryBytes).toBeGreaterThan(40_000)
    decoder.push(bytes.subarray(50_000), (payload) => expect(toHex(payload)).toBe(toHex(patterned(100_000))))
    expect([decoder.memoryBytes, decoder.bufferedBytes]).toEqual([4, 0])
  })
})
