import { expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ChunkPool, SendChunks } from '../../src/net/send-chunks.ts'
import { countMoves } from '../count-moves.ts'

const firstBytes = limits.sendFirstChunkBytes.default
const chunkBytes = limits.sendChunkBytes.default

/** Lengths at which a queue gets another chunk, and those beside them. */
const aroundChunks = [
  1,
  firstBytes - 1,
  firstBytes,
  firstBytes + 1,
  firstBytes + chunkBytes,
  chunkBytes - 1,
  chunkBytes,
  chunkBytes + 1,
]

function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251)
}

test.each([...aroundChunks, 5 * chunkBytes, 40 * chunkBytes + 3])(
  '%i bytes come out as they went in',
  (length) => {
    const pool = new ChunkPool()
    const queue = new SendChunks(pool)
    const bytes = numbered(length)
    for (const part of [bytes.subarray(0, length >> 1), new Uint8Array(0), bytes.subarray(length >> 1)]) {
      queue.append(part, part.length)
    }
    const out: Buffer[] = []
    while (queue.bytes > 0) {
      const { chunks, bytes: taken } = queue.takeFirst()
      expect(chunks.length).toBeLessThanOrEqual(limits.sendChunksPerWrite.default)
      out.push(Buffer.concat(chunks).subarray(0, taken))
      pool.give(chunks)
    }
    expect(Buffer.concat(out).equals(bytes)).toBe(true)
    expect(pool.inUse).toBe(0)
  },
)

test('bytes appended while a write is in flight never go into its chunks', () => {
  const pool = new ChunkPool()
  const queue = new SendChunks(pool)
  queue.append(numbered(10), 10)
  const { chunks } = queue.takeFirst()
  const before = chunks.map((chunk) => Buffer.from(chunk))
  queue.append(new Uint8Array(100).fill(255), 100)
  expect(chunks).toEqual(before)
})

test('chunks are reused, and no more are kept than the limit allows', () => {
  const pool = new ChunkPool()
  for (const [take, most] of [
    [() => pool.take(), limits.chunksPooledMax.default],
    [() => pool.takeFirst(), limits.firstChunksPooledMax.default],
  ] as const) {
    const burst = Array.from({ length: most + 50 }, take)
    expect(new Set(burst).size).toBe(burst.length)
    pool.give(burst)
    expect(pool.inUse).toBe(0)
    const known = new Set(burst)
    expect(burst.map(take).filter((chunk) => known.has(chunk))).toHaveLength(most)
    pool.give(burst)
  }
})

test('small messages of 1,000 connections in one turn take a kibibyte each, and their memory does not overlap', () => {
  const pool = new ChunkPool()
  const queues = Array.from({ length: 1000 }, () => new SendChunks(pool))
  for (const [index, queue] of queues.entries()) queue.append(new Uint8Array(100).fill(index % 251), 100)
  let held = 0
  for (const [index, queue] of queues.entries()) {
    const { chunks, bytes } = queue.takeFirst()
    for (const chunk of chunks) held += chunk.length
    expect(Buffer.concat(chunks).subarray(0, bytes)).toEqual(Buffer.alloc(100, index % 251))
  }
  expect(held).toBe(1000 * firstBytes)
})

test.each([firstBytes, firstBytes + 1, chunkBytes, chunkBytes + 1])(
  '%i bytes, appended a few at a time, take as many chunks as they fill',
  (length) => {
    const pool = new ChunkPool()
    const queue = new SendChunks(pool)
    const bytes = numbered(length)
    for (let at = 0; at < length; at += 3) queue.append(bytes.subarray(at, at + 3), Math.min(3, length - at))
    const wanted = Math.ceil(length / chunkBytes)
    expect(pool.inUse).toBe(wanted)
    const { chunks, bytes: taken } = queue.takeFirst()
    expect(chunks).toHaveLength(wanted)
    expect(chunks[0]!.length).toBe(length <= firstBytes ? firstBytes : chunkBytes)
    expect(Buffer.concat(chunks).subarray(0, taken).equals(bytes)).toBe(true)
    pool.give(chunks)
    expect(pool.inUse).toBe(0)
  },
)

test('after a burst far over the limit, first chunks keep no more memory than it allows, in whatever order they came back', () => {
  const pool = new ChunkPool()
  const most = limits.firstChunksPooledMax.default
  const burst = Array.from({ length: 8 * most }, () => pool.takeFirst())
  for (let from = 0; from < 64; from++) pool.give(burst.filter((_, index) => index % 64 === from))
  expect(pool.inUse).toBe(0)
  const known = new Set(burst.map((chunk) => chunk.buffer))
  const kept = new Set(burst.map(() => pool.takeFirst().buffer).filter((memory) => known.has(memory)))
  const keptBytes = [...kept].reduce((sum, memory) => sum + memory.byteLength, 0)
  expect(keptBytes).toBe(most * firstBytes)
})

test('release gives everything back', () => {
  const pool = new ChunkPool()
  const queue = new SendChunks(pool)
  queue.append(numbered(3 * chunkBytes), 3 * chunkBytes)
  expect(pool.inUse).toBe(3)
  queue.release()
  expect({ inUse: pool.inUse, bytes: queue.bytes }).toEqual({ inUse: 0, bytes: 0 })
})

test('a long queue is emptied in linear time', () => {
  const pool = new ChunkPool()
  const queue = new SendChunks(pool)
  const count = 4_000
  queue.append(new Uint8Array(count * chunkBytes), count * chunkBytes)
  const { moved, stop } = countMoves()
  while (queue.bytes > 0) pool.give(queue.takeFirst().chunks)
  stop()
  expect(moved.elements / count).toBeLessThan(1)
  expect(pool.inUse).toBe(0)
})

test.each(aroundChunks)(
  'only the first %i bytes are taken of a part that has grown since it was measured',
  (length) => {
    const queue = new SendChunks(new ChunkPool())
    queue.append(numbered(2 * chunkBytes), length)
    queue.append(Uint8Array.of(255), 1)
    const { chunks, bytes } = queue.takeFirst()
    const expected = Buffer.concat([numbered(length), Uint8Array.of(255)])
    expect(Buffer.concat(chunks).subarray(0, bytes).equals(expected)).toBe(true)
  },
)
