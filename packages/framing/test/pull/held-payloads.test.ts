import { describe, expect, it } from 'vitest'
import { framingLimits, openFrames } from '../../src/index.ts'
import { concat, frameOf, patterned } from '../support/bytes.ts'
import { ScriptedStream } from '../support/scripted-stream.ts'

const { ownPayloadBytesMax, sharedPayloadBytesMax, sharedBufferBytesMax, heldBlockBytes } = framingLimits

/** Payloads of which neighbours differ in every byte. */
const numbered = (length: number, number: number) => patterned(length).map((byte) => byte ^ number)

async function readAll(reader: AsyncIterator<Uint8Array, undefined>, count: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  while (frames.length < count) frames.push((await reader.next()).value as Uint8Array)
  return frames
}

function held(payloads: readonly Uint8Array[]): AsyncIterator<Uint8Array, undefined> {
  const stream = new ScriptedStream()
  const reader = openFrames(stream, { readAheadBytes: 16 * 1024 * 1024 })[Symbol.asyncIterator]()
  stream.deliver(concat(...payloads.map((payload) => frameOf(payload))))
  return reader
}

/** Lengths around every limit. */
const lengths = [
  0,
  ownPayloadBytesMax,
  ownPayloadBytesMax + 1,
  1000,
  sharedPayloadBytesMax,
  sharedPayloadBytesMax + 1,
]

describe('frames that are held for a busy reader', () => {
  it('arrive in order and unchanged, whatever their lengths, when reading and holding alternate', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream, { readAheadBytes: 16 * 1024 * 1024 })[Symbol.asyncIterator]()
    let sent = 0
    let read = 0
    const payload = (number: number) => numbered(lengths[(number * 7) % lengths.length] as number, number)
    for (let round = 1; round <= 16; round += 1) {
      for (let count = 0; count < round; count += 1) stream.deliver(frameOf(payload(sent++)))
      const frames = await readAll(reader, round === 16 ? sent - read : Math.floor(round / 2))
      for (const frame of frames) expect(frame).toEqual(payload(read++))
    }
    expect(read).toBe(sent)
  })

  it.each([ownPayloadBytesMax, sharedPayloadBytesMax + 1])(
    'have a separate buffer at %i bytes',
    async (length) => {
      const frames = await readAll(held([numbered(length, 1), numbered(length, 2), numbered(length, 3)]), 3)
      expect(new Set(frames.map((frame) => frame.buffer)).size).toBe(3)
      for (const frame of frames) expect(frame.buffer.byteLength).toBe(length)
    },
  )

  it.each([ownPayloadBytesMax + 1, 1000, sharedPayloadBytesMax])(
    'retain at most 16 KiB each at %i bytes',
    async (length) => {
      const count = Math.ceil((3 * heldBlockBytes) / length)
      const payloads = Array.from({ length: count }, (_, number) => numbered(length, number))
      const frames = await readAll(held(payloads), count)
      for (const frame of frames) expect(frame.buffer.byteLength).toBeLessThanOrEqual(sharedBufferBytesMax)
      expect(new Set(frames.map((frame) => frame.buffer)).size).toBeLessThan(count)
      expect(frames).toEqual(payloads)
    },
  )

  it('are not affected if the buffer of an earlier frame is transferred or overwritten', async () => {
    const payloads = Array.from({ length: 40 }, (_, number) => numbered(1000, number))
    const reader = held(payloads)
    for (const payload of payloads) {
      const frame = (await reader.next()).value as Uint8Array
      expect(frame).toEqual(payload)
      new Uint8Array(frame.buffer).fill(0xee, frame.byteOffset, frame.byteOffset + frame.length)
      const { buffer } = frame as Uint8Array<ArrayBuffer>
      structuredClone(buffer, { transfer: [buffer] })
    }
  })

  it('contain no byte of another stream in their buffers', async () => {
    const mark = 0xa5
    const others = Array.from({ length: 30 }, () => new Uint8Array(500).fill(mark))
    await readAll(held(others), others.length)
    const frames = await readAll(held(Array.from({ length: 5 }, () => new Uint8Array(500))), 5)
    for (const frame of frames) expect(new Uint8Array(frame.buffer)).not.toContain(mark)
  })

  it('retain no memory after they were read: the next buffer is a new one', async () => {
    const stream = new ScriptedStream()
    const reader = openFrames(stream)[Symbol.asyncIterator]()
    const both = concat(frameOf(numbered(100, 1)), frameOf(numbered(100, 2)))
    stream.deliver(both)
    const [first] = await readAll(reader, 2)
    stream.deliver(both)
    const [later] = await readAll(reader, 2)
    expect(later?.buffer).not.toBe(first?.buffer)
    expect(first).toEqual(numbered(100, 1))
  })
})
