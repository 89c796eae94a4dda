import { describe, expect, test } from 'vitest'
import type { Connection, ConnectionSink } from '../../src/contract/connection.ts'
import { iterateChunks } from '../../src/core/chunk-iterator.ts'
import { limits } from '../../src/limits.ts'
import { countMoves } from '../count-moves.ts'

const limitBytes = limits.iteratorQueueBytes.default

/** The part of a connection that the iterator uses. The test decides what arrives. */
class ScriptedConnection {
  sink!: ConnectionSink
  paused = false
  pauses = 0
  resumes = 0
  aborts = 0

  start(sink: ConnectionSink): void {
    this.sink = sink
  }

  pause(): void {
    this.paused = true
    this.pauses++
  }

  resume(): void {
    this.paused = false
    this.resumes++
  }

  abort(): void {
    this.aborts++
  }

  /** Delivers bytes that count up from `first`, until the connection is paused. Returns how many it took. */
  deliver(chunkBytes: number, chunks: number, first = 0): number {
    const lent = new Uint8Array(chunkBytes)
    let delivered = 0
    for (let chunk = 0; chunk < chunks && !this.paused; chunk++) {
      for (let index = 0; index < chunkBytes; index++) lent[index] = first + delivered + index
      this.sink.data(lent)
      lent.fill(0xdb)
      delivered += chunkBytes
    }
    return delivered
  }
}

function scripted() {
  const connection = new ScriptedConnection()
  return { connection, iterator: iterateChunks(connection as unknown as Connection) }
}

async function readAll(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for (;;) {
    const { done, value } = await iterator.next()
    if (done === true) return chunks
    chunks.push(value)
  }
}

describe('the queue of a busy loop', () => {
  test.each([1, 3, 700, 16 * 1024, 64 * 1024])(
    'is bounded by its cost, in chunks of %i bytes',
    async (size) => {
      const { connection, iterator } = scripted()
      const delivered = connection.deliver(size, 2 * limitBytes)
      expect(connection.pauses).toBe(1)
      connection.sink.end()
      const chunks = await readAll(iterator)
      const overheadBytes = chunks.length * limits.iteratorChunkOverheadBytes.default
      expect(delivered + overheadBytes).toBeLessThan(limitBytes + size + limits.iteratorJoinedBytes.default)
      // Small chunks are joined, so that the overhead of chunks does not use up the room for bytes.
      expect(delivered).toBeGreaterThan(limitBytes * 0.9)
    },
  )

  test('is read in order, in chunks whose memory belongs only to the reader', async () => {
    const { connection, iterator } = scripted()
    const sizes = [1, 5, 20_000, 1, 1, 16_384, 16_383, 1, 2, 3, 8_000, 9_000]
    let at = 0
    for (const size of sizes) at += connection.deliver(size, 1, at)
    connection.sink.end()
    const chunks = await readAll(iterator)
    expect(chunks.every((chunk) => chunk.byteLength === chunk.buffer.byteLength)).toBe(true)
    const bytes = Buffer.concat(chunks)
    expect(bytes.length).toBe(at)
    expect(bytes.every((byte, index) => byte === index % 256)).toBe(true)
  })

  test('copies each byte only a few times and moves no long array, however small the chunks are', async () => {
    const { connection, iterator } = scripted()
    const { moved, stop } = countMoves()
    let delivered = 0
    let read = 0
    while (delivered < 1_000_000) {
      delivered += connection.deliver(1, 1_000_000)
      while (connection.paused) read += (await iterator.next()).value?.length ?? 0
    }
    stop()
    expect(read).toBeGreaterThan(900_000)
    expect(moved.bytes / delivered).toBeLessThan(4)
    expect(moved.elements / delivered).toBeLessThan(1)
  })

  test('is bounded again after each resume', async () => {
    const { connection, iterator } = scripted()
    for (let round = 1; round <= 5; round++) {
      connection.deliver(1000, limitBytes)
      expect(connection.pauses).toBe(round)
      while (connection.paused) await iterator.next()
      expect(connection.resumes).toBe(round)
    }
  })
})

describe('a reader that waits', () => {
  test('gets each chunk when it arrives; many calls of next are answered in order and in linear time', async () => {
    const { connection, iterator } = scripted()
    const { moved, stop } = countMoves()
    const calls = 50_000
    const results = Array.from({ length: calls }, () => iterator.next())
    for (let call = 0; call < calls; call++) connection.deliver(1, 1, call)
    stop()
    const values = await Promise.all(results)
    expect(values.every(({ value }, call) => value?.length === 1 && value[0] === call % 256)).toBe(true)
    expect(connection.pauses).toBe(0)
    expect(moved.elements / calls).toBeLessThan(1)
  })

  test('gets the end in each waiting call and in each later call', async () => {
    const { connection, iterator } = scripted()
    const waiting = [iterator.next(), iterator.next()]
    connection.sink.end()
    const done = { done: true, value: undefined }
    expect(await Promise.all([...waiting, iterator.next()])).toEqual([done, done, done])
  })

  test('gets an error once, in the first waiting call; the others get the end', async () => {
    const { connection, iterator } = scripted()
    const waiting = [iterator.next(), iterator.next()]
    const error = new Error('reset')
    connection.sink.close(error)
    const settled = await Promise.allSettled([...waiting, iterator.next()])
    const done = { status: 'fulfilled', value: { done: true, value: undefined } }
    expect(settled).toEqual([{ status: 'rejected', reason: error }, done, done])
  })
})

describe('the end of the stream', () => {
  test('brings an error once, after the bytes before it', async () => {
    const { connection, iterator } = scripted()
    connection.deliver(10, 1)
    const error = new Error('reset')
    connection.sink.close(error)
    expect((await iterator.next()).value).toHaveLength(10)
    await expect(iterator.next()).rejects.toBe(error)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('brings no error that comes after the end of the peer', async () => {
    const { connection, iterator } = scripted()
    connection.sink.end()
    connection.sink.close(new Error('our own send broke'))
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
})

describe('return', () => {
  test('aborts, drops held bytes, ends waiting calls, and resolves with done and no value', async () => {
    const { connection, iterator } = scripted()
    const waiting = iterator.next()
    const done = { done: true, value: undefined }
    expect(await iterator.return?.()).toEqual(done)
    expect(connection.aborts).toBe(1)
    expect(await waiting).toEqual(done)
    connection.sink.close()
    expect(await iterator.next()).toEqual(done)
    expect(await iterator.return?.()).toEqual(done)
  })

  test('drops held bytes, and a later error is not delivered', async () => {
    const { connection, iterator } = scripted()
    connection.deliver(10, 3)
    await iterator.return?.()
    connection.sink.close(new Error('reset'))
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('does not abort if everything was read to the end', async () => {
    const { connection, iterator } = scripted()
    connection.deliver(10, 1)
    connection.sink.end()
    await readAll(iterator)
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(connection.aborts).toBe(0)
  })

  test('aborts if all bytes were read, but not yet the end', async () => {
    const { connection, iterator } = scripted()
    connection.deliver(10, 1)
    connection.sink.end()
    await iterator.next()
    await iterator.return?.()
    expect(connection.aborts).toBe(1)
  })

  test('aborts if the end has arrived but bytes are unread', async () => {
    const { connection, iterator } = scripted()
    connection.deliver(10, 1)
    connection.sink.end()
    await iterator.return?.()
    expect(connection.aborts).toBe(1)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
})
