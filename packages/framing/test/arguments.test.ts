import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  attachFrames,
  FrameDecoder,
  FrameEncoder,
  FrameWriter,
  openFrames,
  readFrames,
  writeFrames,
} from '../src/index.ts'
import { concat, hex, toHex } from './support/bytes.ts'
import { codeOf, collector, noObjects } from './support/refusals.ts'
import { ScriptedStream } from './support/scripted-stream.ts'
import { unreadableBytes } from './support/wrong-bytes.ts'

describe.each([...noObjects, ['an empty object', {}] as [string, unknown]])(
  '%s as an argument',
  (_name, value) => {
    const wrong = value as never

    it('is refused in place of a stream, a source, a sink or a list', async () => {
      expect(await codeOf(() => readFrames(wrong).next())).toBe('INVALID_CHUNK')
      expect(await codeOf(() => writeFrames(wrong, []))).toBe('INVALID_OPTION')
      expect(await codeOf(() => new FrameWriter(wrong))).toBe('INVALID_OPTION')
      expect(await codeOf(() => writeFrames(collector([]), wrong))).toBe('INVALID_ARGUMENT')
      expect(await codeOf(() => attachFrames(wrong))).toBe('INVALID_ARGUMENT')
      expect(await codeOf(() => attachFrames(new ScriptedStream()).start(wrong))).toBe('INVALID_ARGUMENT')
      expect(await codeOf(() => openFrames(wrong))).toBe('INVALID_ARGUMENT')
    })
  },
)

describe('other arguments', () => {
  it.each([[null], [5], ['text'], [{}]])('push refuses %s as onFrame and keeps no bytes', async (wrong) => {
    const decoder = new FrameDecoder()
    expect(await codeOf(() => decoder.push(hex('00000000'), wrong as never))).toBe('INVALID_ARGUMENT')
    expect(() => decoder.push(hex('00000000'), wrong as never)).toThrow(/^onFrame is /)
    expect(decoder.bufferedBytes).toBe(0)
  })

  it.each([[-1], [0.5], [Number.NaN], ['0'], [null]])('encodeInto refuses %s as an offset', async (at) => {
    const encode = () => new FrameEncoder().encodeInto(hex('01'), new Uint8Array(16), at as never)
    expect(await codeOf(encode)).toBe('INVALID_ARGUMENT')
  })

  it.each(unreadableBytes())('encodeInto refuses %s as a target', async (_name, target) => {
    const encode = () => new FrameEncoder().encodeInto(hex('01'), target as never)
    expect(await codeOf(encode)).toBe('INVALID_ARGUMENT')
  })

  it('a promise of bytes is awaited in a list, and refused elsewhere', async () => {
    const promise = Promise.resolve(hex('aa'))
    const written: Uint8Array[] = []
    await writeFrames(collector(written), [promise] as never)
    expect(toHex(concat(...written))).toBe('00000001aa')
    expect(await codeOf(() => new FrameEncoder().encode(promise as never))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(() => new FrameDecoder().push(promise as never))).toBe('INVALID_CHUNK')
  })

  it('text as an item of writeFrames is refused, whatever its characters', async () => {
    const written: Uint8Array[] = []
    expect(await codeOf(() => writeFrames(collector(written), ['é'] as never))).toBe('INVALID_ARGUMENT')
    expect(written).toEqual([])
  })

  it('bytes of another realm are accepted, as a payload and as a chunk', () => {
    const bytes = runInNewContext('new Uint8Array([0, 0, 0, 1, 170])') as Uint8Array
    expect(toHex(concat(...new FrameEncoder().encode(bytes)))).toBe('0000000500000001aa')
    const got: string[] = []
    new FrameDecoder().push(bytes, (payload) => got.push(toHex(payload)))
    expect(got).toEqual(['aa'])
  })
})
