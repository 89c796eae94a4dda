import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/index.ts'
import { framingLimits } from '../../src/limits.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { failureOf } from '../support/decoding.ts'

/** The bytes that were pushed and not returned, the memory of the decoder, and the bytes that it copied. */
function counts(decoder: FrameDecoder): [buffered: number, memory: number, copied: number] {
  return [decoder.bufferedBytes, decoder.memoryBytes, decoder.copiedBytes]
}

describe('the counts of a decoder', () => {
  it('are correct if chunks are pushed faster than their frames are taken', () => {
    const decoder = new FrameDecoder()
    expect(counts(decoder)).toEqual([0, 4, 0])
    decoder.push(concat(frameOf(hex('0102')), hex('000000')))
    expect(counts(decoder)).toEqual([9, 4, 0])
    expect(decoder.next()).toEqual(hex('0102'))
    expect(counts(decoder)).toEqual([3, 4, 0])
    decoder.push(hex('02aa'))
    expect(counts(decoder)).toEqual([5, 6, 5])
    decoder.push(hex(''))
    expect(counts(decoder)).toEqual([5, 6, 5])
    decoder.push(concat(hex('bb'), frameOf(hex('03'))))
    expect(counts(decoder)).toEqual([11, 12, 11])
    expect(decoder.next()).toEqual(hex('aabb'))
    expect(counts(decoder)).toEqual([5, 4, 13])
    expect(decoder.next()).toEqual(hex('03'))
    expect(counts(decoder)).toEqual([0, 4, 13])
    decoder.push(hex('ffffffff'))
    expect(failureOf(() => decoder.next()).streamOffset).toBe(17)
  })

  it('no longer include a waiting chunk once its first frame is taken', () => {
    const decoder = new FrameDecoder()
    for (const payload of ['01', '02', '03']) decoder.push(frameOf(hex(payload)))
    expect(counts(decoder)).toEqual([15, 14, 15])
    expect(decoder.next()).toEqual(hex('01'))
    expect(decoder.next()).toEqual(hex('02'))
    expect(counts(decoder)).toEqual([5, 9, 15])
    expect(decoder.next()).toEqual(hex('03'))
    expect(counts(decoder)).toEqual([0, 4, 15])
  })

  it('include one copy of a waiting chunk: keep() does not copy the rest again', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')))
    decoder.push(concat(frameOf(hex('02')), frameOf(hex('03'))))
    expect([decoder.next(), decoder.next()]).toEqual([hex('01'), hex('02')])
    decoder.keep()
    expect(counts(decoder)).toEqual([5, 4, 15])
  })

  it.each(['', '00'])(
    'include no copy of a payload that follows the end of its header in one chunk (and %s)',
    (more) => {
      const decoder = new FrameDecoder()
      decoder.push(hex('0000'), () => undefined)
      const chunk = hex(`0002aabb${more}`)
      decoder.push(chunk)
      const frame = decoder.next()
      expect([frame, frame?.buffer]).toEqual([hex('aabb'), chunk.buffer])
      expect(decoder.copiedBytes).toBe(0)
    },
  )

  it('include an incomplete header, and the part of a payload after it', () => {
    const decoder = new FrameDecoder()
    decoder.push(hex('0000'))
    decoder.next()
    expect(counts(decoder)).toEqual([2, 4, 0])
    decoder.push(hex('0005aabb'))
    decoder.next()
    expect(counts(decoder)).toEqual([6, 9, 2])
    decoder.push(hex('ccddee'))
    expect(decoder.next()).toEqual(hex('aabbccddee'))
    expect(counts(decoder)).toEqual([0, 4, 5])
  })

  it('include one copy of a lent chunk, however often keep() is called', () => {
    const decoder = new FrameDecoder()
    const lent = concat(frameOf(hex('01')), hex('0000'))
    decoder.push(lent)
    decoder.next()
    decoder.keep()
    decoder.keep()
    lent.fill(0xee)
    expect(counts(decoder)).toEqual([2, 4, 2])
    decoder.push(hex('000102'))
    expect(decoder.next()).toEqual(hex('02'))
  })

  it('include no copy of a chunk that is used up', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')))
    decoder.next()
    decoder.keep()
    expect(counts(decoder)).toEqual([0, 4, 0])
  })

  it('include the copy of a lent frame, and no copy of an assembled frame', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('aabb')))
    expect(decoder.nextCopy()).toEqual(hex('aabb'))
    expect(decoder.copiedBytes).toBe(2)
    decoder.push(frameOf(hex('ccdd')).subarray(0, 5))
    expect(decoder.nextCopy()).toBeUndefined()
    decoder.push(hex('dd'))
    expect(toHex(decoder.nextCopy() ?? hex(''))).toBe('ccdd')
    expect(decoder.copiedBytes).toBe(4)
  })

  it('show that memory for a frame in pieces doubles, and never exceeds its length', () => {
    const least = framingLimits.pendingBytesMin
    const length = 5 * least
    const frame = frameOf(patterned(length))
    const decoder = new FrameDecoder()
    const steps: [upTo: number, memory: number, copied: number][] = [
      [14, least, 10],
      [4 + least, least, least],
      [5 + least, 2 * least, 2 * least + 1],
      [4 + 4 * least, 4 * least, 6 * least + 1],
      [5 + 4 * least, 5 * least, 10 * least + 2],
    ]
    let at = 0
    for (const [upTo, memory, copied] of steps) {
      decoder.push(frame.slice(at, upTo))
      expect(decoder.next()).toBeUndefined()
      expect(counts(decoder)).toEqual([upTo, 4 + memory, copied])
      at = upTo
    }
    decoder.push(frame.slice(at))
    expect(decoder.next()).toEqual(patterned(length))
  })

  it('show that memory begins with twice the first piece, if that is more', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(patterned(9000)).slice(0, 2004))
    decoder.next()
    expect(decoder.memoryBytes).toBe(4 + 4000)
    const short = new FrameDecoder()
    short.push(frameOf(patterned(10)).slice(0, 9))
    short.next()
    expect(short.memoryBytes).toBe(4 + 10)
  })
})

describe('a decoder that has ended', () => {
  it('releases everything if bytes are pushed after the end', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')))
    decoder.push(frameOf(hex('02')))
    decoder.end()
    expect(failureOf(() => decoder.push(hex('00'))).code).toBe('ENDED')
    expect(counts(decoder)).toEqual([0, 4, 0 + 10])
    expect(failureOf(() => decoder.next()).code).toBe('ENDED')
  })

  it('is not TRUNCATED while complete chunks wait', () => {
    const decoder = new FrameDecoder()
    decoder.push(frameOf(hex('01')))
    decoder.push(frameOf(hex('02')))
    expect(decoder.next()).toEqual(hex('01'))
    decoder.end()
    expect(decoder.next()).toEqual(hex('02'))
    expect([decoder.next(), decoder.failure]).toEqual([undefined, undefined])
  })

  it('is not TRUNCATED while the rest of an incomplete header waits', () => {
    const decoder = new FrameDecoder()
    decoder.push(hex('0000'))
    expect(decoder.next()).toBeUndefined()
    decoder.push(hex('000102'))
    decoder.end()
    expect(decoder.next()).toEqual(hex('02'))
  })

  it('is TRUNCATED only after the waiting chunks', () => {
    const decoder = new FrameDecoder()
    decoder.push(hex('000000'))
    decoder.push(concat(hex('0101'), hex('00')))
    decoder.end()
    expect(decoder.next()).toEqual(hex('01'))
    expect(failureOf(() => decoder.next())).toMatchObject({ code: 'TRUNCATED', streamOffset: 5 })
  })

  it('reports the announced length inside a payload, and none inside a header', () => {
    for (const [bytes, announcedBytes] of [
      ['00000005aa', 5],
      ['000000', undefined],
    ] as const) {
      const decoder = new FrameDecoder()
      decoder.push(hex(bytes), () => undefined)
      expect(failureOf(() => decoder.end()).announcedBytes).toBe(announcedBytes)
    }
  })
})
