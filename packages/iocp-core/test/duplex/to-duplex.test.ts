import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import {
  type CompletionPort,
  type Connection,
  createCompletionPort,
  probe,
  toDuplex,
} from '../../src/index.ts'

const mebibyte = 1024 * 1024

/** Bytes that contain their own position. */
function numbered(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32BE(at, at)
  return bytes
}

/**
 * Uses events: a `for await` loop would destroy the stream at the end of its readable side, and the writable side too.
 */
function allOf(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

for (const { backend, available, reason } of probe()) {
  describe(`a connection of ${backend} as a Duplex`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)
    let port: CompletionPort

    beforeEach(() => {
      port = createCompletionPort({
        backend,
        poisonLentBytes: true,
        sendQueueHighBytes: 65_536,
        sendQueueLowBytes: 16_384,
      })
    })
    afterEach(async () => {
      await until(() => port.counters.connections === 0)
      await port.close()
      expect(Object.values(port.counters).filter((count) => count !== 0)).toEqual([])
    })

    async function pair(): Promise<{ readonly client: Connection; readonly served: Connection }> {
      let accept: (connection: Connection) => void = () => undefined
      const accepted = new Promise<Connection>((resolve) => {
        accept = resolve
      })
      const listener = await port.listen('tcp://127.0.0.1:0', accept)
      const client = await port.connect(listener.url)
      const served = await accepted
      await listener.close()
      return { client, served }
    }

    test('carries all bytes both ways, in order, and each side ends by itself', async () => {
      const { client, served } = await pair()
      const [a, b] = [toDuplex(client), toDuplex(served)]
      const there = numbered(3 * mebibyte)
      const back = numbered(2 * mebibyte)
      const read = allOf(b)
      a.end(there)
      expect((await read).equals(there)).toBe(true)
      b.end(back)
      expect((await allOf(a)).equals(back)).toBe(true)
      await Promise.all([finished(a), finished(b)])
    })

    test('works in a pipeline', async () => {
      const { client, served } = await pair()
      const [a, b] = [toDuplex(client), toDuplex(served)]
      const echo = pipeline(b, b)
      const sent = numbered(mebibyte)
      a.end(sent)
      expect((await allOf(a)).equals(sent)).toBe(true)
      await echo
    })

    test('reads nothing before it is read, and stops the peer when it is not read any more', async () => {
      const { client, served } = await pair()
      const a = toDuplex(client)
      const b = toDuplex(served)
      const chunk = numbered(65_536)
      let written = 0
      const write = (): void => {
        while (written < 64 * mebibyte) {
          written += chunk.length
          if (!a.write(chunk)) return
        }
      }
      a.on('drain', write)
      write()
      // The kernel takes some megabytes of a connection that nobody reads. Then writing stops.
      let before = -1
      await until(async () => {
        const stands = before === written
        before = written
        await new Promise((resolve) => setTimeout(resolve, 100))
        return stands && before === written
      })
      expect(written).toBeLessThan(32 * mebibyte)
      expect(b.readableLength).toBe(0)
      b.once('data', () => b.pause())
      await once(b, 'data')
      expect(b.readableLength).toBeLessThan(mebibyte)
      const gone = finished(a).catch((error: unknown) => error)
      b.destroy()
      expect(await gone).toBeInstanceOf(Error)
    })

    test('keeps unread bytes when both sides have ended', async () => {
      const { client, served } = await pair()
      const [a, b] = [toDuplex(client), toDuplex(served)]
      a.end(numbered(1_000))
      b.end()
      a.resume()
      b.read(0)
      await until(() => port.counters.connections === 0)
      expect((await allOf(b)).equals(numbered(1_000))).toBe(true)
    })

    test('aborts the connection with the error of destroy, and the peer sees a reset', async () => {
      const { client, served } = await pair()
      const [a, b] = [toDuplex(client), toDuplex(served)]
      const reason = new Error('enough')
      const [mine, theirs] = [once(a, 'error'), once(b, 'error')]
      b.resume()
      a.destroy(reason)
      expect((await mine)[0]).toBe(reason)
      expect((await theirs)[0]).toMatchObject({ code: 'CONNECTION_RESET' })
      expect(a.destroyed && b.destroyed).toBe(true)
    })

    test('fails a write that waits for room when the connection breaks', async () => {
      const { client, served } = await pair()
      const a = toDuplex(client)
      a.on('error', () => undefined)
      const failed = new Promise<Error | null | undefined>((resolve) =>
        a.write(numbered(32 * mebibyte), resolve),
      )
      served.abort()
      expect(await failed).toBeInstanceOf(Error)
    })

    test('is destroyed when its connection is aborted directly, and no lost write is reported as done', async () => {
      const { client, served } = await pair()
      const a = toDuplex(client)
      a.on('error', () => undefined)
      const outcome = new Promise<Error | null | undefined>((resolve) =>
        a.write(numbered(32 * mebibyte), resolve),
      )
      const over = finished(a)
      client.abort()
      await expect(over).rejects.toThrow()
      expect(await outcome).toBeInstanceOf(Error)
      expect(a.destroyed).toBe(true)
      served.abort()
    })

    test('is refused if the connection has started already', async () => {
      const { client, served } = await pair()
      client.start({ data() {}, end() {}, drain() {}, close() {} })
      expect(() => toDuplex(client)).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
      client.abort()
      served.abort()
    })
  })
}
