import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  attachFrames,
  type ByteStream,
  type ByteStreamSink,
  FrameDecoder,
  FrameEncoder,
  FrameWriter,
  FramingError,
  framingErrorCodes,
  openFrames,
  readFrames,
  type SendVerdict,
  writeFrames,
} from '../src/index.ts'
import { concat, hex, toHex } from './support/bytes.ts'
import { ScriptedStream, settle } from './support/scripted-stream.ts'
import { detached, foreign, notBytes, oddViews, throwingArray } from './support/wrong-bytes.ts'

/** What `run` throws or rejects with, which must be a FramingError with a code of the table. */
async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (!FramingError.is(error)) throw new Error(`no FramingError: ${String(error)}`, { cause: error })
    expect(framingErrorCodes).toHaveProperty(error.code)
    return error.code
  }
  throw new Error('nothing was thrown')
}

/** Writes into `written` whatever it is given. */
function collector(written: Uint8Array[]): { write(bytes: Uint8Array): number } {
  return {
    write(bytes) {
      written.push(bytes)
      return bytes.length
    },
  }
}

/** Hands over whatever the test says, as it is. */
class RawStream extends ScriptedStream {
  sink: ByteStreamSink | undefined

  override start(sink: ByteStreamSink): void {
    super.start(sink)
    this.sink = sink
  }

  /** Copies as a ByteStream does: the bytes that are there. */
  override send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    for (const part of Array.isArray(bytes) ? bytes : [bytes]) this.sent.push(Uint8Array.from([...part]))
    return this.verdict
  }
}

/** The bytes that the parts have, whatever they say of themselves. */
function joined(parts: readonly Uint8Array[]): string {
  const copied = new RawStream()
  copied.send(parts)
  return toHex(concat(...copied.sent))
}

const values = [...notBytes(), ['a detached view', detached()] as [string, unknown]]
const inParts = values.map(([name, value]): [string, unknown] => [
  `an array with ${name}`,
  [hex('01'), value],
])
const payloads = [...values, ...inParts, ['an array that throws', throwingArray()] as [string, unknown]]
const chunks = [...values, ['an array of bytes', [hex('00000000')]] as [string, unknown]]

describe.each(payloads)('%s as a payload', (_name, value) => {
  const payload = value as Uint8Array

  it('is refused by encode, encodeLent and encodeInto, and the target is left alone', async () => {
    const encoder = new FrameEncoder()
    expect(await codeOf(() => encoder.encode(payload))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(() => encoder.encodeLent(payload))).toBe('INVALID_ARGUMENT')
    const target = new Uint8Array(16).fill(0xee)
    expect(await codeOf(() => encoder.encodeInto(payload, target))).toBe('INVALID_ARGUMENT')
    expect(toHex(target)).toBe('ee'.repeat(16))
  })

  it('is refused by the send of attachFrames and frames, which send nothing and live on', async () => {
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

  it('is refused by FrameWriter and writeFrames, which write nothing of it', async () => {
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

  it('is refused by push, which keeps nothing and goes on', async () => {
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
  it('is encoded by the bytes it has, on every way out', async () => {
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

  it('is decoded by the bytes it has', () => {
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

describe('an array of parts', () => {
  it('is read once, by index: getters do not decide a length twice', () => {
    let reads = 0
    const parts = [hex('01'), hex('02'), hex('03')]
    Object.defineProperty(parts, 1, { get: () => new Uint8Array(++reads) })
    const encoded = new FrameEncoder().encode(parts)
    expect(reads).toBe(1)
    expect(toHex(concat(...encoded))).toBe('00000003010003')
  })

  it('behind a Proxy or with an iterator of its own counts as the array that it is', () => {
    const parts = [hex('01'), hex('02')]
    const iterated = Object.assign([...parts], { [Symbol.iterator]: () => [][Symbol.iterator]() })
    for (const given of [new Proxy(parts, {}), iterated, foreign<Uint8Array[]>('[new Uint8Array([1, 2])]')]) {
      expect(toHex(concat(...new FrameEncoder().encode(given)))).toBe('000000020102')
    }
  })

  it('keeps the cause when it throws', () => {
    try {
      new FrameEncoder().encode(throwingArray())
      expect.unreachable()
    } catch (error) {
      expect((error as Error).cause).toMatchObject({ message: 'a getter threw' })
    }
  })
})

const noObjects: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['text', 'text'],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a function', () => undefined],
]

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
    ['an object that reads as a format', { toString: () => 'uint32be' }],
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
    expect(() => channel.send(hex('0102'))).toThrow('over the limit of 1')
  })

  it('with a getter that throws keeps the cause', async () => {
    const options = {
      get frameBytesMax(): number {
        throw new Error('a getter threw')
      },
    }
    expect(await codeOf(() => new FrameDecoder(options))).toBe('INVALID_OPTION')
  })
})

describe.each([...noObjects, ['an empty object', {}] as [string, unknown]])(
  '%s as an end',
  (_name, value) => {
    const wrong = value as never

    it('is refused wherever a stream, a source, a sink or a list is taken', async () => {
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
  it.each([[null], [5], ['text'], [{}]])('push refuses %s as onFrame and keeps nothing', async (wrong) => {
    const decoder = new FrameDecoder()
    expect(await codeOf(() => decoder.push(hex('00000000'), wrong as never))).toBe('INVALID_ARGUMENT')
    expect(decoder.bufferedBytes).toBe(0)
  })

  it.each([[-1], [0.5], [Number.NaN], ['0'], [null]])('encodeInto refuses %s as a place', async (at) => {
    const encode = () => new FrameEncoder().encodeInto(hex('01'), new Uint8Array(16), at as never)
    expect(await codeOf(encode)).toBe('INVALID_ARGUMENT')
  })

  it.each(values)('encodeInto refuses %s as a target', async (_name, target) => {
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

  it('text as items of writeFrames is refused, whatever its characters', async () => {
    const written: Uint8Array[] = []
    expect(await codeOf(() => writeFrames(collector(written), ['é'] as never))).toBe('INVALID_ARGUMENT')
    expect(written).toEqual([])
  })

  it('bytes of another realm are bytes, as a payload and as a chunk', () => {
    const bytes = runInNewContext('new Uint8Array([0, 0, 0, 1, 170])') as Uint8Array
    expect(toHex(concat(...new FrameEncoder().encode(bytes)))).toBe('0000000500000001aa')
    const got: string[] = []
    new FrameDecoder().push(bytes, (payload) => got.push(toHex(payload)))
    expect(got).toEqual(['aa'])
  })
})
