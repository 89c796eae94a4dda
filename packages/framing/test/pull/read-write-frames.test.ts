import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { type Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  type ByteSink,
  type ByteSource,
  FrameWriter,
  FramingError,
  readFrames,
  writeFrames,
} from '../../src/index.ts'
import { concat, frameOf, hex, patterned, toHex } from '../support/bytes.ts'
import { ScriptedStream, settle } from '../support/scripted-stream.ts'

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const result: Uint8Array[] = []
  for await (const frame of source) result.push(frame)
  return result
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
}

const payloads = [patterned(0), patterned(1), patterned(70_000), patterned(5, 1)]
const bytes = concat(...payloads.map((payload) => frameOf(payload)))

function pieces(size = 1000): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.slice(at * size, (at + 1) * size),
  )
}

function webReadable(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces()) controller.enqueue(piece)
      controller.close()
    },
  })
}

describe('readFrames', () => {
  const sources: [string, () => ByteSource][] = [
    ['a node Readable', () => Readable.from(pieces(), { objectMode: false })],
    ['a web ReadableStream', webReadable],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* pieces(7)
        })(),
    ],
  ]
  it.each(sources)('reads %s', async (_name, open) => {
    expect(await collect(readFrames(open()))).toEqual(payloads)
  })

  it('returns copies: a source may reuse its memory for the next chunk', async () => {
    async function* reusing() {
      const memory = new Uint8Array(5)
      for (const payload of ['01', '02', '03']) {
        memory.set(frameOf(hex(payload)))
        yield memory
      }
    }
    expect((await collect(readFrames(reusing()))).map(toHex)).toEqual(['01', '02', '03'])
  })

  it('reads no more than the loop needs', async () => {
    let asked = 0
    async function* counting() {
      for (;;) {
        asked += 1
        yield frameOf(hex('01'))
      }
    }
    const reader = readFrames(counting())
    await reader.next()
    await reader.next()
    await settle()
    expect(asked).toBe(2)
    await reader.return()
  })

  it('destroys or cancels the source if the loop is left early', async () => {
    const readable = Readable.from(pieces(), { objectMode: false })
    for await (const _frame of readFrames(readable)) break
    expect(readable.destroyed).toBe(true)
    let cancelled = false
    const web = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(frameOf(hex('01'))),
      cancel: () => {
        cancelled = true
      },
    })
    for await (const _frame of readFrames(web)) break
    expect([cancelled, web.locked]).toEqual([true, false])
  })

  it.each([
    ['a frame over the limit', concat(frameOf(hex('01')), hex('00000003')), 'FRAME_TOO_LONG'],
    ['an end inside a frame', concat(frameOf(hex('01')), hex('0000')), 'TRUNCATED'],
  ])('throws for %s, after the frames before', async (_name, stream, code) => {
    const reader = readFrames(Readable.from([stream], { objectMode: false }), { frameBytesMax: 2 })
    expect(await reader.next()).toEqual({ done: false, value: hex('01') })
    expect(await failureOf(reader.next())).toMatchObject({ code })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  it('refuses text and objects', async () => {
    const text = new PassThrough({ encoding: 'utf8' })
    text.end('abcd')
    expect(await failureOf(collect(readFrames(text)))).toMatchObject({ code: 'INVALID_CHUNK' })
    const wrong = {} as unknown as ByteSource
    expect(await failureOf(collect(readFrames(wrong)))).toMatchObject({ code: 'INVALID_CHUNK' })
  })

  it('throws the error of the source', async () => {
    const web = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('broken')),
    })
    expect(await failureOf(collect(readFrames(web)))).toMatchObject({ message: 'broken' })
    expect(web.locked).toBe(false)
  })
})

/** A Node.js Writable that accepts one write at a time, when the test says so. */
class SlowWritable extends Writable {
  readonly taken: Uint8Array[] = []
  #go: (() => void) | undefined

  constructor() {
    super({ highWaterMark: 10 })
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.taken.push(chunk)
    this.#go = done
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.taken.push(...chunks.map(({ chunk }) => chunk))
    this.#go = done
  }

  go(): void {
    const done = this.#go
    this.#go = undefined
    done?.()
  }
}

describe('FrameWriter and writeFrames', () => {
  it('write to a Node.js stream, a web stream, a byte stream and a partial writer', async () => {
    const node = new PassThrough()
    const web = new TransformStream<Uint8Array, Uint8Array>()
    const scripted = new ScriptedStream()
    const piecewise: number[] = []
    const partial = {
      async write(part: Uint8Array) {
        piecewise.push(...part.subarray(0, 999))
        return Math.min(part.length, 999)
      },
    }
    const read = [collect(readFrames(node)), collect(readFrames(web.readable))]
    for (const sink of [node, web.writable, scripted, partial] satisfies ByteSink[])
      await writeFrames(sink, payloads)
    expect(await Promise.all(read)).toEqual([payloads, payloads])
    expect(toHex(scripted.sentBytes)).toBe(toHex(bytes))
    expect(scripted.log).toEqual(['end'])
    expect(toHex(Uint8Array.from(piecewise))).toBe(toHex(bytes))
  })

  it('wait for a full Node.js stream', async () => {
    const slow = new SlowWritable()
    const writer = new FrameWriter(slow)
    let written = false
    const writing = writer.write(patterned(100)).then(() => {
      written = true
    })
    await settle()
    expect(written).toBe(false)
    slow.go()
    await writing
    expect(toHex(concat(...slow.taken))).toBe(toHex(frameOf(patterned(100))))
    writer.release()
    expect(slow.listenerCount('drain') + slow.listenerCount('error') + slow.listenerCount('close')).toBe(0)
  })

  it('wait for a full web stream and a full byte stream', async () => {
    const web = new TransformStream<Uint8Array, Uint8Array>()
    const scripted = new ScriptedStream()
    scripted.verdict = 'full'
    const log: string[] = []
    const webWriting = new FrameWriter(web.writable).write(hex('01')).then(() => log.push('web'))
    const streamWriting = new FrameWriter(scripted).write(hex('01')).then(() => log.push('byte stream'))
    await settle()
    expect(log).toEqual([])
    scripted.drain()
    await streamWriting
    const reader = web.readable.getReader()
    await reader.read()
    await reader.read()
    await webWriting
    expect(log).toEqual(['byte stream', 'web'])
  })

  it('keep the order of writes that are not awaited', async () => {
    const scripted = new ScriptedStream()
    const writer = new FrameWriter(scripted)
    await Promise.all([writer.write(hex('01')), writer.write([hex('02'), hex('03')]), writer.end()])
    expect(toHex(scripted.sentBytes)).toBe('0000000101000000020203')
    expect(scripted.log).toEqual(['end'])
  })

  it('refuse a payload over the limit and continue', async () => {
    const scripted = new ScriptedStream()
    const writer = new FrameWriter(scripted, { frameBytesMax: 1 })
    expect(await failureOf(writer.write(hex('0102')))).toMatchObject({ code: 'FRAME_TOO_LONG' })
    await writer.write(hex('01'))
    writer.frameBytesMax = 2
    await writer.write(hex('0102'))
    expect(toHex(scripted.sentBytes)).toBe('0000000101000000020102')
  })

  it('fail with CLOSED, with the cause, if the sink is gone', async () => {
    const scripted = new ScriptedStream()
    scripted.verdict = 'closed'
    expect(await failureOf(new FrameWriter(scripted).write(hex('01')))).toMatchObject({ code: 'CLOSED' })
    const slow = new SlowWritable()
    const writer = new FrameWriter(slow)
    const waiting = failureOf(writer.write(patterned(100)))
    await settle()
    const cause = new Error('reset')
    slow.destroy(cause)
    expect(await waiting).toMatchObject({ code: 'CLOSED', cause })
    expect(await failureOf(writer.write(hex('01')))).toMatchObject({ code: 'CLOSED', cause })
    expect(await failureOf(writer.end())).toMatchObject({ code: 'CLOSED' })
    const web = new WritableStream<Uint8Array>({ start: (controller) => controller.error(cause) })
    expect(await failureOf(new FrameWriter(web).write(hex('01')))).toMatchObject({ code: 'CLOSED', cause })
  })

  it.each([0, -1, 99, Number.NaN])(
    'fail, and do not loop, if a sink reports %s accepted bytes',
    async (taken) => {
      const writer = new FrameWriter({ write: () => taken })
      expect(await failureOf(writer.write(hex('01')))).toMatchObject({ code: 'WRITE_ZERO' })
      expect(await failureOf(writer.write(hex('01')))).toMatchObject({ code: 'CLOSED' })
    },
  )

  it('do not end the sink if the payloads throw', async () => {
    const scripted = new ScriptedStream()
    async function* throwing() {
      yield hex('01')
      throw new Error('no more')
    }
    expect(await failureOf(writeFrames(scripted, throwing()))).toMatchObject({ message: 'no more' })
    expect([toHex(scripted.sentBytes), scripted.log]).toEqual(['0000000101', []])
  })

  it('refuse a value that is not a sink', () => {
    expect(() => new FrameWriter({} as unknown as ByteSink)).toThrow(FramingError)
  })

  it('work over a TCP socket, in both directions at once', async () => {
    const server = createServer((socket: Socket) => void writeFrames(socket, readFrames(socket)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket: Duplex = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
    const [echoed] = await Promise.all([collect(readFrames(socket)), writeFrames(socket, payloads)])
    expect(echoed).toEqual(payloads)
    server.close()
    await once(server, 'close')
  })
})
