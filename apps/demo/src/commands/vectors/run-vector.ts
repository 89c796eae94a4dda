import { FrameDecoder, FrameEncoder, FrameWriter, FramingError } from '@frameport/framing'
import { VectorBytes } from './vector-bytes.ts'
import type { ErrorKind, VectorCase } from './vector-case.ts'

/** Streams of at most this length are decoded a second time, byte by byte. */
const byteByByteBytesMax = 64 * 1024
/** Payloads of at most this length are also written into one buffer. */
const encodeIntoBytesMax = 16 * 1024 * 1024

/** Runs one case in every way that the codec offers. Returns the problem, or undefined. */
export async function runVector(vector: VectorCase): Promise<string | undefined> {
  if (vector.direction === 'encode') return runEncode(vector)
  const asGiven = runDecode(vector, (bytes) => bytes.pieces())
  if (asGiven !== undefined || totalBytes(vector) > byteByByteBytesMax) return asGiven
  const single = runDecode(vector, (bytes) => bytes.singles())
  return single === undefined ? undefined : `byte by byte: ${single}`
}

function totalBytes(vector: VectorCase): number {
  return vector.steps.reduce((sum, step) => sum + (step instanceof VectorBytes ? step.length : 0), 0)
}

function runDecode(
  vector: VectorCase,
  cut: (bytes: VectorBytes) => Iterable<Uint8Array>,
): string | undefined {
  const decoder = new FrameDecoder(vector)
  let delivered = 0
  let wrong: string | undefined
  const check = (payload: Uint8Array) => {
    wrong ??= wrongFrame(vector, delivered, payload)
    delivered += 1
  }
  const error = caught(() => {
    for (const step of vector.steps) {
      if (!(step instanceof VectorBytes)) decoder.frameBytesMax = step.frameBytesMax
      else for (const piece of cut(step)) decoder.push(piece, check)
    }
    if (vector.end === 'eof') decoder.end()
  })
  return wrong ?? wrongOutcome(vector, error, delivered, decoder)
}

function wrongFrame(vector: VectorCase, at: number, payload: Uint8Array): string | undefined {
  const expected = vector.frames[at]
  if (expected === undefined) return `frame ${at + 1} of ${payload.length} bytes was not expected`
  if (payload.length !== expected.length) {
    return `frame ${at + 1} has ${payload.length} bytes instead of ${expected.length}`
  }
  return expected.holds(payload, 0) ? undefined : `frame ${at + 1} of ${payload.length} bytes differs`
}

function wrongOutcome(
  vector: VectorCase,
  error: FramingError | undefined,
  delivered: number,
  decoder: FrameDecoder,
): string | undefined {
  const wrongError = wrongDecodeError(vector, error)
  if (wrongError !== undefined) return wrongError
  const stoppedEarly = vector.recovers && error?.code === 'FRAME_TOO_LONG'
  if (delivered !== vector.frames.length && !stoppedEarly) {
    return `${delivered} frames instead of ${vector.frames.length}`
  }
  if (vector.needMore === undefined || error !== undefined) return undefined
  const holds = decoder.bufferedBytes > 0
  if (holds === vector.needMore) return undefined
  return holds ? 'a partial frame is held and none was expected' : 'no partial frame is held'
}

function wrongDecodeError(vector: VectorCase, error: FramingError | undefined): string | undefined {
  if (error === undefined)
    return vector.error === undefined ? undefined : `no error instead of ${vector.error}`
  if (vector.error !== undefined) {
    return isKind(error, vector.error)
      ? undefined
      : `${error.code} instead of ${vector.error}: ${error.message}`
  }
  // A partial frame at the end is always reported here. A case that says "more is needed" there means the same,
  // and so does one of a source that keeps silent about it.
  const partialAtEnd = error.code === 'TRUNCATED' && vector.end === 'eof'
  if (partialAtEnd && (vector.needMore === true || vector.silentAtEnd)) return undefined
  return `${error.code} and no error was expected: ${error.message}`
}

const codes: Readonly<Record<ErrorKind, string>> = {
  'frame-too-long': 'FRAME_TOO_LONG',
  'corrupt-length': 'CORRUPT_LENGTH',
  'negative-length': 'FRAME_TOO_LONG',
  truncated: 'TRUNCATED',
  'write-zero': 'WRITE_ZERO',
}

/**
 * A source that reads the length as a signed integer calls a length with the top bit set negative or corrupt. This
 * codec reads an unsigned integer, and refuses the same header at the same place because the frame is too long.
 */
function isKind(error: FramingError, kind: ErrorKind): boolean {
  if (kind !== 'negative-length' && error.code === codes[kind]) return true
  const topBit = error.code === 'FRAME_TOO_LONG' && (error.announcedBytes ?? 0) >= 0x8000_0000
  return topBit && (kind === 'negative-length' || kind === 'corrupt-length')
}

/** Compares the bytes that an encoder writes with the expected ones as they come. */
class Written {
  readonly #expected: VectorBytes
  bytes = 0
  differs = false

  constructor(expected: VectorBytes) {
    this.#expected = expected
  }

  take(piece: Uint8Array): void {
    if (!this.#expected.holds(piece, this.bytes)) this.differs = true
    this.bytes += piece.length
  }
}

async function runEncode(vector: VectorCase): Promise<string | undefined> {
  const problems = [
    vector.error === 'write-zero' ? undefined : encodeParts(vector),
    vector.error === 'write-zero' ? undefined : encodeInto(vector),
    await writePiecewise(vector),
  ]
  return problems.find((problem) => problem !== undefined)
}

function encodeParts(vector: VectorCase): string | undefined {
  const encoder = new FrameEncoder(vector)
  const written = new Written(vector.bytes)
  const error = caught(() => {
    for (const step of vector.steps) {
      if (!(step instanceof VectorBytes)) encoder.frameBytesMax = step.frameBytesMax
      else for (const part of encoder.encode(step.pieces())) written.take(part)
    }
  })
  return wrongEncoding('in parts', vector, written, error)
}

function encodeInto(vector: VectorCase): string | undefined {
  if (totalBytes(vector) > encodeIntoBytesMax) return undefined
  const encoder = new FrameEncoder(vector)
  const written = new Written(vector.bytes)
  const target = new Uint8Array(totalBytes(vector) + 4)
  const error = caught(() => {
    for (const step of vector.steps) {
      if (!(step instanceof VectorBytes)) encoder.frameBytesMax = step.frameBytesMax
      else written.take(target.subarray(0, encoder.encodeInto(step.pieces(), target)))
    }
  })
  return wrongEncoding('into a buffer', vector, written, error)
}

/** Writes through a sink that accepts at most 3 bytes of a small write; none in a case of `write-zero`. */
async function writePiecewise(vector: VectorCase): Promise<string | undefined> {
  const written = new Written(vector.bytes)
  const takes = (offered: number) =>
    vector.error === 'write-zero' ? 0 : offered > 4096 ? offered : Math.min(3, offered)
  const sink = {
    write(bytes: Uint8Array): number {
      const taken = bytes.subarray(0, takes(bytes.length))
      written.take(taken)
      return taken.length
    },
  }
  const writer = new FrameWriter(sink, vector)
  let error: FramingError | undefined
  try {
    for (const step of vector.steps) {
      if (!(step instanceof VectorBytes)) writer.frameBytesMax = step.frameBytesMax
      else await writer.write(step.pieces())
    }
  } catch (thrown) {
    error = framingError(thrown)
  }
  return wrongEncoding('through a sink', vector, written, error)
}

function wrongEncoding(
  how: string,
  vector: VectorCase,
  written: Written,
  error: FramingError | undefined,
): string | undefined {
  if (error !== undefined && vector.error === undefined) return `${how}: ${error.code}, ${error.message}`
  if (vector.error !== undefined && (error === undefined || !isKind(error, vector.error))) {
    return `${how}: ${error?.code ?? 'no error'} instead of ${vector.error}`
  }
  if (written.bytes !== vector.bytes.length) {
    return `${how}: ${written.bytes} bytes written instead of ${vector.bytes.length}`
  }
  return written.differs ? `${how}: the bytes written differ` : undefined
}

function caught(run: () => void): FramingError | undefined {
  try {
    run()
    return undefined
  } catch (thrown) {
    return framingError(thrown)
  }
}

function framingError(thrown: unknown): FramingError {
  if (FramingError.is(thrown)) return thrown
  throw thrown
}
