import type { FrameFormat } from '@frameport/framing'
import * as z from 'zod'
import { VectorBytes } from './vector-bytes.ts'

const writtenBytes = z.union([
  z.string(),
  z.object({ head: z.string().optional(), rep: z.string(), n: z.number() }),
])
const limitChange = z.strictObject({ setMax: z.number().int().min(0) })
const step = z.union([writtenBytes, limitChange])
const count = z.number().int()

/** The options of a case, in the form of its source. */
const writtenOptions = z.looseObject({
  lengthFieldLength: count,
  lengthFieldOffset: count.default(0),
  lengthAdjustment: count.default(0),
  initialBytesToStrip: count.optional(),
  byteOrder: z.enum(['big', 'little']).default('big'),
  maxFieldValue: count.optional(),
  maxWholeFrame: count.optional(),
  maxPayload: count.optional(),
})

const writtenCase = z.looseObject({
  source: z.string().default(''),
  name: z.string(),
  direction: z.enum(['decode', 'encode']),
  options: writtenOptions,
  chunks: z.array(step).optional(),
  payloads: z.array(step).optional(),
  end: z.enum(['open', 'eof']).default('open'),
  expect: z.looseObject({
    frames: z.array(writtenBytes).optional(),
    bytes: writtenBytes.optional(),
    error: z.string().optional(),
    needMore: z.boolean().optional(),
  }),
  note: z.string().default(''),
})

type WrittenOptions = z.infer<typeof writtenOptions>
type WrittenStep = z.infer<typeof step>

const errorKinds = ['frame-too-long', 'corrupt-length', 'negative-length', 'truncated', 'write-zero'] as const
export type ErrorKind = (typeof errorKinds)[number]

/** Bytes, or a limit in payload bytes for the steps that follow. */
type VectorStep = VectorBytes | { readonly frameBytesMax: number }

/** A case that this codec can run. */
export interface VectorCase {
  readonly name: string
  readonly direction: 'decode' | 'encode'
  readonly format: FrameFormat
  readonly frameBytesMax: number
  readonly steps: readonly VectorStep[]
  readonly end: 'open' | 'eof'
  readonly frames: readonly VectorBytes[]
  readonly bytes: VectorBytes
  readonly error: ErrorKind | undefined
  readonly needMore: boolean | undefined
  /** The source continues after a frame that is too long; this codec stops there. */
  readonly recovers: boolean
  /** The source does not report a partial frame at the end of the stream; this codec does. */
  readonly silentAtEnd: boolean
}

/** One entry of a file: a case to run, a case that this codec cannot run, or a malformed one. */
export type ReadCase =
  | { readonly kind: 'case'; readonly name: string; readonly vector: VectorCase }
  | { readonly kind: 'skip'; readonly name: string; readonly reason: string }
  | { readonly kind: 'malformed'; readonly name: string; readonly reason: string }

/** @param index the place in the file, for entries without a name */
export function readCase(entry: unknown, index: number): ReadCase {
  const name = nameOf(entry, index)
  if (!isFramingCase(entry)) {
    return { kind: 'skip', name, reason: 'not a framing case: it has no direction and no options' }
  }
  const parsed = writtenCase.safeParse(entry)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return { kind: 'malformed', name, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` }
  }
  const reason = inexpressible(parsed.data.options)
  if (reason !== undefined) return { kind: 'skip', name, reason }
  try {
    return { kind: 'case', name, vector: vectorOf(parsed.data) }
  } catch (error) {
    return { kind: 'malformed', name, reason: (error as Error).message }
  }
}

function nameOf(entry: unknown, index: number): string {
  const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined
  return typeof name === 'string' ? name : `case ${index + 1}`
}

function isFramingCase(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && ('direction' in entry || 'options' in entry)
}

const header = 4

/** The options that this codec understands. `failFast` only changes the moment of an error. */
const knownOptions = new Set([...Object.keys(writtenOptions.shape), 'failFast'])

/** Why this codec (a 4-byte length before the payload) does not have the format; undefined when it has. */
function inexpressible(options: WrittenOptions): string | undefined {
  const { lengthFieldLength, lengthFieldOffset, lengthAdjustment } = options
  if (lengthFieldLength !== 4) return `a length field of ${lengthFieldLength} bytes: this codec has 4`
  if (lengthFieldOffset !== 0) return `a length field at offset ${lengthFieldOffset}: here it comes first`
  if (lengthAdjustment !== 0) {
    return `a length adjusted by ${lengthAdjustment}: here the length counts the payload alone`
  }
  const strip = options.initialBytesToStrip ?? 4
  if (strip !== 4) return `${strip} bytes stripped from a frame: this codec hands out the payload, 4 stripped`
  const whole = options.maxWholeFrame
  if (whole !== undefined && whole < header) {
    return `a limit of ${whole} for the whole frame: a header alone has ${header} bytes`
  }
  const unknown = Object.keys(options).find((key) => !knownOptions.has(key))
  return unknown === undefined ? undefined : `the option ${unknown} is not one this codec knows`
}

/**
 * The limit of a source that states none: it keeps a frame in one piece, counted by a signed 32-bit integer.
 */
const noLimit = 0x7fff_ffff
const largest = 0xffff_ffff

function limitOf(options: WrittenOptions): number {
  if (options.maxWholeFrame !== undefined) return payloadLimit(options.maxWholeFrame, true)
  return payloadLimit(options.maxFieldValue ?? options.maxPayload ?? noLimit, false)
}

function payloadLimit(limit: number, wholeFrame: boolean): number {
  const payload = wholeFrame ? limit - header : limit
  if (payload < 0) throw new Error(`a limit of ${limit} leaves no room for a header of ${header} bytes`)
  return Math.min(payload, largest)
}

function vectorOf(written: z.infer<typeof writtenCase>): VectorCase {
  const { options, expect } = written
  const toStep = (item: WrittenStep): VectorStep =>
    typeof item === 'object' && 'setMax' in item
      ? { frameBytesMax: payloadLimit(item.setMax, options.maxWholeFrame !== undefined) }
      : vectorBytes(item)
  const steps = written.direction === 'decode' ? written.chunks : written.payloads
  if (steps === undefined) {
    throw new Error(
      `a case to ${written.direction} has ${written.direction === 'decode' ? 'chunks' : 'payloads'}`,
    )
  }
  const error = errorKinds.find((kind) => kind === expect.error)
  if (expect.error !== undefined && error === undefined) throw new Error(`no error kind is ${expect.error}`)
  if (expect.frames === undefined && expect.bytes === undefined && error === undefined) {
    throw new Error('nothing is expected: no frames, no bytes, no error')
  }
  return {
    name: written.name,
    direction: written.direction,
    format: options.byteOrder === 'little' ? 'uint32le' : 'uint32be',
    frameBytesMax: limitOf(options),
    steps: steps.map(toStep),
    end: written.end,
    frames: (expect.frames ?? []).map(vectorBytes),
    bytes: vectorBytes(expect.bytes ?? ''),
    error,
    needMore: expect.needMore,
    recovers: /resum|recover/i.test(written.note),
    silentAtEnd: /netty/i.test(written.source),
  }
}

function vectorBytes(written: z.infer<typeof writtenBytes>): VectorBytes {
  if (typeof written === 'string') return new VectorBytes(written)
  const { head, rep, n } = written
  return new VectorBytes(head === undefined ? { rep, n } : { head, rep, n })
}
