import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/index.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { decodeAll } from '../support/decoding.ts'

describe('the result of the decoder', () => {
  it('is undefined while a header is incomplete, and for an empty chunk', () => {
    const decoder = new FrameDecoder()
    for (const chunk of ['00', '', '0000', '']) {
      decoder.push(hex(chunk))
      expect(decoder.next()).toBeUndefined()
    }
    expect(decoder.bufferedBytes).toBe(3)
  })

  it('is a view on the chunk, without a copy, for a frame that the chunk contains completely', () => {
    const chunk = concat(frameOf(hex('616263')), frameOf(hex('64')), hex('0000'))
    const decoder = new FrameDecoder()
    const views: Uint8Array[] = []
    decoder.push(chunk, (payload) => views.push(payload))
    expect(views.map((view) => view.buffer)).toEqual([chunk.buffer, chunk.buffer])
    expect(views.map((view) => view.byteOffset)).toEqual([4, 11])
    expect(decoder.copiedBytes).toBe(0)
  })

  it('is correct for a chunk that is itself a view with an offset, such as a Node.js Buffer', () => {
    const wide = concat(hex('ffffffff'), frameOf(hex('0102')), frameOf(hex('03')))
    expect(decodeAll([Buffer.from(wide.buffer, 4)]).map(toHex)).toEqual(['0102', '03'])
  })

  it('has separate empty frames, wherever the stream is cut', () => {
    const bytes = concat(frameOf(hex('')), frameOf(hex('')), frameOf(hex('07')), frameOf(hex('')))
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decodeAll([bytes.slice(0, at), bytes.slice(at)]).map(toHex)).toEqual(['', '', '07', ''])
    }
  })

  it('is not affected if the chunk is overwritten after push returned', () => {
    const bytes = concat(frameOf(patterned(5000)), frameOf(patterned(3, 1)))
    const decoder = new FrameDecoder()
    const frames: string[] = []
    for (let at = 0; at < bytes.length; at += 700) {
      const lent = bytes.slice(at, at + 700)
      decoder.push(lent, (payload) => frames.push(toHex(payload)))
      lent.fill(0xee)
    }
    expect(frames).toEqual([toHex(patterned(5000)), toHex(patterned(3, 1))])
  })

  it('is in order if the current chunk is used up and another one waits', () => {
    const decoder = new FrameDecoder()
    const taken: (string | undefined)[] = []
    const take = () => taken.push(decoder.next()?.join())
    decoder.push(concat(frameOf(hex('01')), frameOf(hex('02'))))
    take()
    decoder.push(frameOf(hex('03')))
    take()
    decoder.push(frameOf(hex('04')))
    for (let n = 0; n < 3; n += 1) take()
    expect(taken).toEqual(['1', '2', '3', '4', undefined])
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('is in order if chunks are pushed faster than frames are taken', () => {
    const decoder = new FrameDecoder()
    const expected = Array.from({ length: 300 }, (_, at) => patterned(at, at))
    for (const payload of expected) {
      const lent = frameOf(payload)
      decoder.push(lent.subarray(0, 3))
      decoder.push(lent.subarray(3))
      decoder.keep()
      lent.fill(0xee)
    }
    expect([...decoder].map(toHex)).toEqual(expected.map(toHex))
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('is a copy for the iterator and for nextCopy', () => {
    const whole = frameOf(hex('aabb'))
    const decoder = new FrameDecoder()
    decoder.push(whole)
    const copy = decoder.nextCopy()
    whole.fill(0)
    expect(toHex(copy ?? hex(''))).toBe('aabb')
    decoder.push(frameOf(hex('ccdd')).subarray(0, 5))
    expect(decoder.nextCopy()).toBeUndefined()
    decoder.push(hex('dd'))
    expect([...decoder].map(toHex)).toEqual(['ccdd'])
  })

  it('continues after a frame whose callback threw', () => {
    const decoder = new FrameDecoder()
    const bytes = concat(frameOf(hex('01')), frameOf(hex('02')), hex('000000'))
    const frames: string[] = []
    const thrower = () => {
      throw new Error('from the callback')
    }
    expect(() => decoder.push(bytes, thrower)).toThrow('from the callback')
    bytes.fill(0xee)
    decoder.push(hex('0103'), (payload) => frames.push(toHex(payload)))
    expect(frames).toEqual(['02', '03'])
  })

  it('stays in order if a callback pushes into its own decoder', () => {
    const decoder = new FrameDecoder()
    const frames: string[] = []
    const take = (payload: Uint8Array) => {
      frames.push(toHex(payload))
      if (toHex(payload) === '01') decoder.push(frameOf(hex('03')), take)
    }
    decoder.push(concat(frameOf(hex('01')), frameOf(hex('02'))), take)
    expect(frames).toEqual(['01', '02', '03'])
  })
})
