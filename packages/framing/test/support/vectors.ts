import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FrameDecoder, type FrameFormat, FramingError } from '../../src/index.ts'
import { concat, hex, toHex } from './bytes.ts'

type Bytes = string | { readonly head?: string; readonly rep: string; readonly n: number }
type Step = Bytes | { readonly setMax: number }

export interface Vector {
  readonly name: string
  readonly direction: 'decode' | 'encode'
  readonly options: {
    readonly lengthFieldLength: number
    readonly lengthFieldOffset: number
    readonly lengthAdjustment: number
    readonly initialBytesToStrip: number
    readonly byteOrder: 'big' | 'little'
    readonly maxFieldValue?: number
    readonly maxPayload?: number
  }
  readonly chunks?: readonly Step[]
  readonly payloads?: readonly Step[]
  readonly end?: 'open' | 'eof'
  readonly expect: {
    readonly frames?: readonly Bytes[]
    readonly bytes?: Bytes
    readonly error?: string
    readonly needMore?: boolean
  }
}

export interface Outcome {
  readonly frames: readonly string[]
  readonly error?: string
  readonly needMore: boolean
}

const shared = fileURLToPath(new URL('../../../../../shared/vectors/', import.meta.url))
const copied = fileURLToPath(new URL('../data/vectors/', import.meta.url))

/**
 * Loads the public cases in the formats of this codec: those next to the repository if they exist, otherwise the copy.
 */
export function loadVectors(): Vector[] {
  const folder = existsSync(shared) ? shared : copied
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(readFileSync(folder + file, 'utf8')) as Vector[])
    .filter(isOurs)
}

/** Loads the copy in this package. */
export function copiedVectors(): Vector[] {
  return readdirSync(copied).flatMap((file) => JSON.parse(readFileSync(copied + file, 'utf8')) as Vector[])
}

function isOurs({ direction, options }: Partial<Vector>): boolean {
  return (
    direction !== undefined &&
    options?.lengthFieldLength === 4 &&
    options.lengthFieldOffset === 0 &&
    options.lengthAdjustment === 0 &&
    options.initialBytesToStrip === 4
  )
}

export function bytesOf(bytes: Bytes): Uint8Array {
  if (typeof bytes === 'string') return hex(bytes)
  return concat(hex(bytes.head ?? ''), new Uint8Array(bytes.n).fill(Number.parseInt(bytes.rep, 16)))
}

/** Bytes, or a limit that applies to the following bytes. */
export type DecodeStep = Uint8Array | { readonly setMax: number }

export function stepsOf(vector: Vector, which: 'chunks' | 'payloads' = 'chunks'): DecodeStep[] {
  return (vector[which] ?? []).map((step) => (isLimit(step) ? step : bytesOf(step)))
}

function isLimit(step: Step): step is { readonly setMax: number } {
  return typeof step === 'object' && 'setMax' in step
}

export function codecOptionsOf({ options }: Vector): { format: FrameFormat; frameBytesMax: number } {
  return {
    format: options.byteOrder === 'little' ? 'uint32le' : 'uint32be',
    frameBytesMax: options.maxFieldValue ?? options.maxPayload ?? 0x7fff_ffff,
  }
}

const errorKinds: Readonly<Record<string, string>> = {
  FRAME_TOO_LONG: 'frame-too-long',
  TRUNCATED: 'truncated',
  CORRUPT_LENGTH: 'corrupt-length',
}

export function decode(vector: Vector, steps: readonly DecodeStep[]): Outcome {
  const decoder = new FrameDecoder(codecOptionsOf(vector))
  const frames: string[] = []
  try {
    for (const step of steps) {
      if (step instanceof Uint8Array) decoder.push(step, (payload) => frames.push(toHex(payload)))
      else decoder.frameBytesMax = step.setMax
    }
    if (vector.end === 'eof') decoder.end()
  } catch (error) {
    if (!FramingError.is(error)) throw error
    return { frames, error: errorKinds[error.code] ?? error.code, needMore: false }
  }
  return { frames, needMore: decoder.bufferedBytes > 0 }
}

export function expectedOutcome({ expect }: Vector): Outcome {
  const frames = (expect.frames ?? []).map((frame) => toHex(bytesOf(frame)))
  if (expect.error !== undefined) return { frames, error: expect.error, needMore: false }
  return { frames, needMore: expect.needMore ?? false }
}

/** The same bytes with another boundary: the step that contains the offset `at` is cut in two. */
export function cutAt(steps: readonly DecodeStep[], at: number): DecodeStep[] {
  const cut: DecodeStep[] = []
  let before = 0
  for (const step of steps) {
    if (!(step instanceof Uint8Array) || at <= before || at >= before + step.length) cut.push(step)
    else cut.push(step.slice(0, at - before), step.slice(at - before))
    before += step instanceof Uint8Array ? step.length : 0
  }
  return cut
}

/** Joins neighbouring chunks, so that a later cut is the only one. A change of the limit stays in its place. */
export function joined(steps: readonly DecodeStep[]): DecodeStep[] {
  const result: DecodeStep[] = []
  for (const step of steps) {
    const last = result.at(-1)
    if (step instanceof Uint8Array && last instanceof Uint8Array)
      result[result.length - 1] = concat(last, step)
    else result.push(step)
  }
  return result
}
