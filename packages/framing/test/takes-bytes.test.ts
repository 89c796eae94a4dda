import { describe, expect, it } from 'vitest'
import {
  attachFrames,
  type ByteStream,
  type ByteStreamSink,
  FrameDecoder,
  FrameEncoder,
  FrameWriter,
  openFrames,
  readFrames,
  type SendVerdict,
  writeFrames,
} from '../src/index.ts'
import { concat, hex, toHex } from './support/bytes.ts'
import { codeOf, collector } from './support/refusals.ts'
import { ScriptedStream, settle } from './support/scripted-stream.ts'
import { foreign, oddViews, throwingArray, unreadableBytes } from './support/wrong-bytes.ts'

/** A stream that delivers any value that the test gives. */
class RawStream extends ScriptedStream {
  sink: ByteStreamSink | undefined

  override start(sink: ByteStreamSink): void {
    super.start(sink)
    this.sink = sink
  }

  /** Copies the actual bytes, as a ByteStream does. */
  override send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    for (const part of Array.isArray(bytes) ? bytes : [bytes]) this.sent.push(Uint8Array.from([...part]))
    return this.verdict
  }
}

/** The actual bytes of the parts, whatever their properties claim. */
function joined(parts: readonly Uint8Array[]): string {
  const copied = new RawStream()
  copied.send(parts)
  return toHex(concat(...copied.sent))
}

const values = unreadableBytes()
const inParts = values.map(([name, value]): [string, unknown] => [
  `an array with ${name}`,
  [hex('01'), value],
])
const payloads = [...values, ...inParts, ['an array that throws', throwingArray()] as [string, unknown]]
const chunks = [...values, ['an array of bytes', [hex('00000000')]] as [string, unknown]]

describe.each(payloads)('%s as a payload', (_name, value) => {
  const payload = value as Uint8Array

  it('is refused by encode, encodeLent and encodeInto, which leave the target unchanged', async () => {
    const encoder = new FrameEncoder()
    expect(await codeOf(() => encoder.encode(payload))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(() => encoder.encodeLent(payload))).toBe('INVALID_ARGUMENT')
    const target = new Uint8Array(16).fill(0xee)
    expect(await codeOf(() => encoder.encodeInto(payload, target))).toBe('INVALID_ARGUMENT')
    expect(toHex(target)).toBe('ee'.repeat(16))
  })

  it('is refused by the send of attachFrames and frames, which send nothing and stay usable', async () => {
    for (const attach of [
      (stream: ByteStream) => attachFrames(stream),
      (stream: ByteStream) => openFrames(stream),
    ]) {
      const stream = new ScriptedStream()
      const channel = attach(stream)
      expect(await codeOf(() => channel.send(payload))).toBe('INVALID_ARGUMENT')
      channel.send(hex('aa'))
      expect(toHex(concat(...stream.sent))).toBe('00000001aa')
    }
  })

  it('is refused by FrameWriter and writeFrames, which write none of it', async () => {
    const written: Uint8Array[] = []
    const writer = new FrameWriter(collector(written))
    expect(await codeOf(() => writer.write(payload))).toBe('INVALID_ARGUMENT')
    await writer.write(hex('aa'))
    expect(toHex(concat(...written))).toBe('00000001aa')
    const items: Uint8Array[] = []
    expect(await codeOf(() => writeFrames(collector(items), [hex('bb'), payload, hex('cc')]))).toBe(
      'INVALID_ARGUMENT',
    )
    expect(toHex(concat(...items))).toBe('00000001bb')
  })
})

describe.each(chunks)('%s as a chunk', (_name, value) => {
  const chunk = value as Uint8Array

  it('is refused by push, which keeps nothing and continues', async () => {
    const decoder = new FrameDecoder()
    decoder.push(hex('000000'))
    expect(await codeOf(() => decoder.push(chunk))).toBe('INVALID_CHUNK')
    expect(decoder.bufferedBytes).toBe(3)
    expect(decoder.failure).toBeUndefined()
    const got: string[] = []
    decoder.push(hex('01aa'), (payload) => got.push(toHex(payload)))
    expect(got).toEqual(['aa'])
  })

  it('is refused by readFrames', async () => {
    async function* source() {
      yield hex('00000001aa')
      yield chunk
    }
    const got: string[] = []
    const code = await codeOf(async () => {
      for await (const frame of readFrames(source())) got.push(toHex(frame))
    })
    expect([code, got]).toEqual(['INVALID_CHUNK', ['aa']])
  })

  it('aborts a stream that delivers it', async () => {
    const stream = new RawStream()
    const closed: unknown[] = []
    attachFrames(stream).start({ frame: () => undefined, close: (error) => closed.push(error) })
    stream.sink?.data(chunk)
    await settle()
    expect(closed).toMatchObject([{ code: 'INVALID_CHUNK' }])
  })
})

describe.each(oddViews())('%s', (_name, make) => {
  it('is encoded by its actual bytes, in every way of encoding', async () => {
    const frame = '00000003010203'
    const encoder = new FrameEncoder()
    for (const payload of [() => make(), () => [make()]]) {
      expect(joined(encoder.encode(payload()))).toBe(frame)
      expect(joined(encoder.encodeLent(payload()))).toBe(frame)
      const target = new Uint8Array(7)
      expect(encoder.encodeInto(payload(), target)).toBe(7)
      expect(toHex(target)).toBe(frame)
      const stream = new RawStream()
      attachFrames(stream).send(payload())
      expect(toHex(concat(...stream.sent))).toBe(frame)
      const written: Uint8Array[] = []
      await writeFrames(collector(written), [payload()])
      expect(toHex(concat(...written))).toBe(frame)
    }
  })

  it('is decoded by its actual bytes', () => {
    const got: string[] = []
    const decoder = new FrameDecoder()
    decoder.push(hex('00000003'))
    decoder.push(make(), (payload) => got.push(toHex(payload)))
    decoder.push(hex('00'))
    decoder.push(make())
    decoder.push(make(), (payload) => got.push(toHex(payload)))
    expect(got[0]).toBe('010203')
    expect(decoder.copiedBytes).toBeLessThan(32)
    expect(Number.isInteger(decoder.bufferedBytes)).toBe(true)
  })
})

it.each(oddViews().filter(([name]) => /of its own$/.test(name)))(
  '%s is passed on as a view with correct properties',
  (_name, make) => {
    for (const parts of [new FrameEncoder().encode(make()), new FrameEncoder().encode([make()])]) {
      expect(parts[1]?.length).toBe(3)
    }
  },
)

describe('an array of parts', () => {
  it('is read once, by index: getters cannot return a second length', () => {
    let reads = 0
    const parts = [hex('01'), hex('02'), hex('03')]
    Object.defineProperty(parts, 1, { get: () => new Uint8Array(++reads) })
    const encoded = new FrameEncoder().encode(parts)
    expect(reads).toBe(1)
    expect(toHex(concat(...encoded))).toBe('00000003010003')
  })

  it('behind a Proxy or with its own iterator counts as an array', () => {
    const parts = [hex('01'), hex('02')]
    const iterated = Object.assign([...parts], { [Symbol.iterator]: () => [][Symbol.iterator]() })
    for (const given of [new Proxy(parts, {}), iterated, foreign<Uint8Array[]>('[new Uint8Array([1, 2])]')]) {
      expect(toHex(concat(...new FrameEncoder().encode(given)))).toBe('000000020102')
    }
  })

  it('is refused with the cause if it throws', () => {
    try {
      new FrameEncoder().encode(throwingArray())
      expect.unreachable()
    } catch (error) {
      expect((error as Error).cause).toMatchObject({ message: 'a getter threw' })
    }
  })
})
