import { describe, expect, it } from 'vitest'
import { FrameDecoder, FrameEncoder, FrameWriter } from '../src/index.ts'
import { hex } from './support/bytes.ts'
import { collector } from './support/refusals.ts'

describe('a plain view', () => {
  it.each([
    ['a Uint8Array', hex('aabb')],
    ['a Buffer', Buffer.from([1, 2])],
    ['an empty Uint8Array', hex('')],
  ])('(%s) is written as the same object, and not as another view on its bytes', async (_name, payload) => {
    const written: Uint8Array[] = []
    await new FrameWriter(collector(written)).write([payload, hex('01')])
    expect(written.includes(payload)).toBe(payload.length > 0)
    expect(new FrameEncoder().encode(payload)[1]).toBe(payload)
    expect(new FrameEncoder().encode([payload])[1]).toBe(payload)
    expect(new FrameEncoder().encode([payload, payload]).slice(1)).toEqual([payload, payload])
  })

  it('is replaced for streams, which read byteLength, if it has its own byteLength', async () => {
    const payload = Object.defineProperty(hex('010203'), 'byteLength', { value: 1 })
    const written: Uint8Array[] = []
    await new FrameWriter(collector(written)).write(payload)
    expect(written.map(({ byteLength }) => byteLength)).toEqual([4, 3])
  })
})

it.each<[string, unknown]>([
  ['length', 1],
  ['byteOffset', 1],
  ['buffer', new ArrayBuffer(9)],
])('a chunk with its own %s is split by its actual bytes', (name, value) => {
  const chunk = Object.defineProperty(hex('0000000201020000000103'), name, { value })
  const frames: number[][] = []
  new FrameDecoder().push(chunk, (frame) => frames.push([...frame]))
  expect(frames).toEqual([[1, 2], [3]])
})

it('a chunk that gets its own buffer after the push is split by its actual bytes', () => {
  const chunk = hex('0000000201020000000103')
  const decoder = new FrameDecoder()
  decoder.push(chunk)
  Object.defineProperty(chunk, 'buffer', { value: new ArrayBuffer(11) })
  expect([decoder.next(), decoder.next()].map((frame) => [...(frame ?? [])])).toEqual([[1, 2], [3]])
})

describe('the error for a value that is not bytes', () => {
  it.each<[string, unknown, string]>([
    ['alone', 5, 'A payload is 5, not bytes: give a Uint8Array'],
    ['as text', 'a', 'A payload is "a", not bytes: give new TextEncoder().encode(text)'],
    ['as the first of two parts', [5, hex('01')], 'Part 0 of a payload is 5'],
    ['as the second of two parts', [hex('01'), 5], 'Part 1 of a payload is 5'],
    ['as the third of three parts', [hex('01'), hex('01'), 5], 'Part 2 of a payload is 5'],
  ])('names the value %s', (_name, payload, text) => {
    const encode = () => new FrameEncoder().encode(payload as never)
    expect(encode).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    expect(encode).toThrow(text)
  })

  it('has the cause if the length property throws', () => {
    const cause = new Error('a getter threw')
    const payload = Object.defineProperty(hex('01'), 'length', {
      get() {
        throw cause
      },
    })
    for (const given of [payload, [payload], [payload, payload]]) {
      expect(() => new FrameEncoder().encode(given)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', cause }),
      )
    }
  })
})

it('a chunk and a target whose bytes are gone are distinguished from empty ones', () => {
  const gone = new Uint8Array(3)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  const refused = (code: string) =>
    expect.objectContaining({ code, message: expect.stringContaining('detached') })
  expect(() => new FrameDecoder().push(gone)).toThrow(refused('INVALID_CHUNK'))
  expect(() => new FrameEncoder().encode(gone)).toThrow(refused('INVALID_ARGUMENT'))
  expect(() => new FrameEncoder().encodeInto(hex(''), gone)).toThrow(refused('INVALID_ARGUMENT'))
  expect(() => new FrameDecoder().push(hex(''))).not.toThrow()
  expect(new FrameEncoder().encode(hex(''))).toHaveLength(2)
})
