import { expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ChunkPool, SendChunks } from '../../src/net/send-chunks.ts'
import { countMoves } from '../count-moves.ts'

const chunkBytes = limits.sendChunkBytes.default

function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251)
}

test.each([1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 5 * chunkBytes, 40 * chunkBytes + 3])(
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

test('what is appended while a write is in flight never lands in its chunks', () => {
  const pool = new ChunkPool()
  const queue = new SendChunks(pool)
  queue.append(numbered(10), 10)
  const { chunks } = queue.takeFirst()
  const before = chunks.map((chunk) => Buffer.from(chunk))
  queue.append(new Uint8Array(100).fill(255), 100)
  expect(chunks).toEqual(before)
})

test('chunks are used again, and no more are kept than the limit says', () => {
  const pool = new ChunkPool()
  const burst = Array.from({ length: limits.chunksPooledMax.default + 50 }, () => pool.take())
  pool.give(burst)
  expect(pool.inUse).toBe(0)
  const again = burst.map(() => pool.take())
  const reused = again.filter((chunk) => burst.includes(chunk))
  expect(reused).toHaveLength(limits.chunksPooledMax.default)
})

test('release gives everything back', () => {
  const pool = new ChunkPool()
  const queue = new SendChunks(pool)
  queue.append(numbered(3 * chunkBytes), 3 * chunkBytes)
  expect(pool.inUse).toBe(3)
  queue.release()
  expect({ inUse: pool.inUse, bytes: queue.bytes }).toEqual({ inUse: 0, bytes: 0 })
})

test('a long queue is taken in linear time', () => {
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

test.each([1, chunkBytes - 1, chunkBytes, chunkBytes + 1])(
  'of a part that has grown since it was looked at, the first %i bytes are taken',
  (length) => {
    const queue = new SendChunks(new ChunkPool())
    queue.append(numbered(2 * chunkBytes), length)
    queue.append(Uint8Array.of(255), 1)
    const { chunks, bytes } = queue.takeFirst()
    const expected = Buffer.concat([numbered(length), Uint8Array.of(255)])
    expect(Buffer.concat(chunks).subarray(0, bytes).equals(expected)).toBe(true)
  },
)
