import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/index.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { decodeAll } from '../support/decoding.ts'

describe('what the decoder hands out', () => {
  it('is nothing while a header is incomplete, and nothing for an empty chunk', () => {
    const decoder = new FrameDecoder()
    for (const chunk of ['00', '', '0000', '']) {
      decoder.push(hex(chunk))
      expect(decoder.next()).toBeUndefined()
    }
    expect(decoder.bufferedBytes).toBe(3)
  })

  it('is a view on the chunk for a frame that lies in it, without a copy', () => {
    const chunk = concat(frameOf(hex('616263')), frameOf(hex('64')), hex('0000'))
    const decoder = new FrameDecoder()
    const views: Uint8Array[] = []
    decoder.push(chunk, (payload) => views.push(payload))
    expect(views.map((view) => view.buffer)).toEqual([chunk.buffer, chunk.buffer])
    expect(views.map((view) => view.byteOffset)).toEqual([4, 11])
    expect(decoder.copiedBytes).toBe(0)
  })

  it('is right for a chunk that is itself a view with an offset, such as a node Buffer', () => {
    const wide = concat(hex('ffffffff'), frameOf(hex('0102')), frameOf(hex('03')))
    expect(decodeAll([Buffer.from(wide.buffer, 4)]).map(toHex)).toEqual(['0102', '03'])
  })

  it('keeps empty frames apart, wherever the cut is', () => {
    const bytes = concat(frameOf(hex('')), frameOf(hex('')), frameOf(hex('07')), frameOf(hex('')))
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decodeAll([bytes.slice(0, at), bytes.slice(at)]).map(toHex)).toEqual(['', '', '07', ''])
    }
  })

  it('does not change when the chunk is overwritten after push returned', () => {
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

  it('comes in order when the chunk in front is used up and one behind it waits', () => {
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

  it('comes in order when chunks are pushed faster than frames are taken', () => {
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

  it('is the own copy of who iterates or calls nextCopy', () => {
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

  it('goes on behind a frame whose callback threw', () => {
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

  it('stays in order when a callback pushes into its own decoder', () => {
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
