import { describe, expect, it } from 'vitest'
import { type ByteSink, type ByteSource, FrameWriter, readFrames, writeFrames } from '../../src/index.ts'
import { concat, frameOf, hex, toHex } from '../support/bytes.ts'
import { codeOf, collector } from '../support/refusals.ts'

describe('a sink or a source', () => {
  it.each<[string, unknown]>([
    ['with a getWriter that is not a function', { getWriter: 5 }],
    ['with a write that is not a function', { write: 5 }],
    ['that is a function without methods', () => undefined],
  ])('is refused as a sink %s', async (_name, sink) => {
    expect(await codeOf(() => new FrameWriter(sink as ByteSink))).toBe('INVALID_OPTION')
  })

  it.each<[string, object]>([
    ['an `on` that is not a function', { on: 5 }],
    ['a getWriter that is not a function', { getWriter: 5 }],
  ])('is a partial writer if it has write and %s', async (_name, more) => {
    const written: Uint8Array[] = []
    await writeFrames(Object.assign(collector(written), more) as ByteSink, [hex('aa')])
    expect(toHex(concat(...written))).toBe('00000001aa')
  })

  it('may be a function with the methods', async () => {
    const written: Uint8Array[] = []
    const sink = Object.assign(() => undefined, collector(written))
    await writeFrames(sink as unknown as ByteSink, [hex('aa')])
    expect(toHex(concat(...written))).toBe('00000001aa')
  })

  it('is refused as a source with a getReader that is not a function, unless it can be iterated', async () => {
    expect(await codeOf(() => readFrames({ getReader: 5 } as never).next())).toBe('INVALID_CHUNK')
    const both = {
      getReader: 5,
      async *[Symbol.asyncIterator]() {
        yield frameOf(hex('aa'))
      },
    }
    const frames: string[] = []
    for await (const frame of readFrames(both as unknown as ByteSource)) frames.push(toHex(frame))
    expect(frames).toEqual(['aa'])
  })

  it('is read until it is done, even if a read returns no value, and is unlocked then', async () => {
    const log: string[] = []
    const results = [{ done: false }, { done: false, value: frameOf(hex('aa')) }, { done: true }]
    const source = {
      getReader: () => ({
        read: async () => results.shift() ?? { done: true },
        cancel: async () => void log.push('cancel'),
        releaseLock: () => void log.push('release'),
      }),
    }
    for await (const frame of readFrames(source)) log.push(toHex(frame))
    expect(log).toEqual(['aa', 'release'])
  })

  it('is unlocked and not cancelled if it fails by itself', async () => {
    const log: string[] = []
    const source = {
      getReader: () => ({
        read: () => Promise.reject(new Error('broken')),
        cancel: async () => void log.push('cancel'),
        releaseLock: () => void log.push('release'),
      }),
    }
    await expect(readFrames(source).next()).rejects.toThrow('broken')
    expect(log).toEqual(['release'])
  })
})
