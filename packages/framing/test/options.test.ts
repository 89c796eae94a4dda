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
import { hex } from './support/bytes.ts'
import { codeOf, collector, noObjects } from './support/refusals.ts'
import { ScriptedStream } from './support/scripted-stream.ts'

describe.each([...noObjects, ['an array', []] as [string, unknown]])('%s as options', (_name, value) => {
  const options = value as Record<string, never>

  it.each<[string, () => unknown]>([
    ['FrameDecoder', () => new FrameDecoder(options)],
    ['FrameEncoder', () => new FrameEncoder(options)],
    ['FrameWriter', () => new FrameWriter(collector([]), options)],
    ['attachFrames', () => attachFrames(new ScriptedStream(), options)],
    ['frames', () => openFrames(new ScriptedStream(), options)],
    ['writeFrames', () => writeFrames(collector([]), [], options)],
    ['readFrames', () => readFrames((async function* () {})(), options).next()],
    ['readFrames of a stream', () => readFrames(new ScriptedStream(), options).next()],
  ])('are refused by %s', async (_entry, run) => {
    expect(await codeOf(run)).toBe('INVALID_OPTION')
  })
})

describe('one option', () => {
  it.each<[string, unknown]>([
    ...noObjects.filter(([name]) => name !== 'a number'),
    ['an object whose toString() returns a format', { toString: () => 'uint32be' }],
    ['NaN', Number.NaN],
  ])('that is %s is refused', async (_name, value) => {
    const wrong = value as never
    expect(await codeOf(() => new FrameEncoder({ frameBytesMax: wrong }))).toBe('INVALID_OPTION')
    expect(await codeOf(() => openFrames(new ScriptedStream(), { readAheadBytes: wrong }))).toBe(
      'INVALID_OPTION',
    )
    if (value === null) return
    expect(await codeOf(() => new FrameDecoder({ format: wrong }))).toBe('INVALID_OPTION')
  })

  it('is read once, so that both directions have the same limit', () => {
    let reads = 0
    const options = {
      get frameBytesMax() {
        return ++reads
      },
    }
    const channel = attachFrames(new ScriptedStream(), options)
    expect([reads, channel.receiveBytesMax]).toEqual([1, 1])
    expect(() => channel.send(hex('0102'))).toThrow('exceeds the limit of 1')
  })

  it('with a getter that throws is refused, with the cause', async () => {
    const options = {
      get frameBytesMax(): number {
        throw new Error('a getter threw')
      },
    }
    expect(await codeOf(() => new FrameDecoder(options))).toBe('INVALID_OPTION')
    expect(() => new FrameDecoder(options)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ message: 'a getter threw' }) }),
    )
  })
})

it('null as options is named in the error, not the result of reading it', () => {
  expect(() => new FrameDecoder(null as never)).toThrow('The options are null')
})
