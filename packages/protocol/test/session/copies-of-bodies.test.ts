import { describe, expect, it, onTestFinished } from 'vitest'
import type { Body, Envelope } from '../../src/envelope/index.ts'
import type { CallEnvelope } from '../../src/envelope/session-envelopes.ts'
import type { RpcError } from '../../src/rpc-error.ts'
import { PartialBodies } from '../../src/session/flow/partial-bodies.ts'
import { defaultSessionLimits } from '../../src/session/index.ts'
import { more, patterned, patternedBody } from '../support/pieces.ts'
import { credit, firstCall, openProbe } from '../support/raw-peer.ts'

const { pieceBytes } = defaultSessionLimits

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array<ArrayBuffer>

/** Records the lengths of what `slice` and `set` of typed arrays copy. */
function watchCopies() {
  const sliced: number[] = []
  const set: number[] = []
  const real = { slice: TypedArrayPrototype.slice, set: TypedArrayPrototype.set }
  TypedArrayPrototype.slice = function (this: Uint8Array<ArrayBuffer>, from, to) {
    const copy = real.slice.call(this, from, to) as Uint8Array<ArrayBuffer>
    sliced.push(copy.length)
    return copy
  }
  TypedArrayPrototype.set = function (this: Uint8Array, from, at) {
    set.push(from.length)
    real.set.call(this, from, at)
  }
  onTestFinished(() => void Object.assign(TypedArrayPrototype, real))
  return { sliced, set }
}

/** A body of `length` bytes as a peer sends it, in pieces if it is longer than one. */
function inPieces(first: Envelope, length: number): Envelope[] {
  const begins = { ...first, body: patternedBody(Math.min(length, pieceBytes)) } as Envelope
  const envelopes: Envelope[] = length > pieceBytes ? [{ ...begins, goesOn: true } as Envelope] : [begins]
  for (let at = pieceBytes; at < length; at += pieceBytes)
    envelopes.push(more(1, Math.min(pieceBytes, length - at), at + pieceBytes < length))
  return envelopes
}

const piece = patterned(pieceBytes)
const piecewise = (length: number) =>
  Uint8Array.from({ length }, (_, index) => piece[index % pieceBytes] as number)

function rawOf(body: Body | RpcError | undefined): Uint8Array {
  if (body === undefined || !('kind' in body) || body.kind !== 'raw') throw new Error('no raw body came')
  return body.bytes
}

// How often a complete body is copied as a whole. Each copy is memory for the garbage collector.
const bodies = [
  [pieceBytes, 1],
  [pieceBytes + 1, 0],
  [40_000, 0],
  [3 * pieceBytes, 0],
  [4 * pieceBytes, 0],
  [4 * pieceBytes + 1, 0],
  [5 * pieceBytes + 1, 1],
  [64 * pieceBytes, 0],
] as const

describe.each(bodies)('a body of %i raw bytes is copied as a whole %i times', (length, times) => {
  type Side = Awaited<ReturnType<typeof openProbe>>

  /** Checks that `read` gives the sent bytes, each body in a buffer of its own. */
  async function sendAndRead({ peer, time }: Side, first: Envelope, read: () => readonly Uint8Array[]) {
    const { sliced } = watchCopies()
    for (const envelope of inPieces(first, length)) {
      peer.send(envelope)
      await time.settle()
    }
    const given = read()
    expect(sliced.filter((copied) => copied === length)).toHaveLength(times)
    for (const bytes of given) {
      expect(Buffer.compare(bytes, piecewise(length))).toBe(0)
      expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, length])
    }
    return given.length
  }

  it('as an item of an upload', async () => {
    const side = await openProbe('server', { limits: { uploadBytes: 10_000_000 } })
    const reads: (() => Body | RpcError)[] = []
    side.recorder.onCall = ({ upload }) =>
      upload?.receive({ item: () => {}, longItem: (read) => void reads.push(read), end: () => {} })
    side.peer.send({ ...firstCall, upload: true })
    await side.time.settle()
    const item = { kind: 'item', callId: 1, sequence: 0, body: patternedBody(0) } as const
    expect(await sendAndRead(side, item, () => reads.map((read) => rawOf(read())))).toBe(1)
  })

  it('as an item of a stream', async () => {
    const side = await openProbe('client')
    const reads: (() => Body | RpcError)[] = []
    side.session.call(
      { procedure: 'a/b', input: { kind: 'none' }, initialCredit: credit(4) },
      { item: () => {}, longItem: (read) => void reads.push(read), settled: () => {} },
    )
    await side.time.settle()
    const item = { kind: 'item', callId: 1, sequence: 0, body: patternedBody(0) } as const
    expect(await sendAndRead(side, item, () => reads.map((read) => rawOf(read())))).toBe(1)
  })

  it('as the input of a call', async () => {
    const side = await openProbe('server')
    const inputs = () => side.recorder.calls.map(({ input }) => rawOf(input))
    expect(await sendAndRead(side, firstCall, inputs)).toBe(1)
  })
})

describe('an assembled body', () => {
  const assembled = (length: number, ofPiece: number) => {
    const partial = new PartialBodies(
      { ...defaultSessionLimits, bodyBytesMax: length, bodiesPartialBytesMax: length },
      { refusalOf: () => undefined, kept: () => undefined },
    )
    const { set } = watchCopies()
    const body = (from: number) => patternedBody(Math.min(ofPiece, length - from))
    partial.begin({ ...firstCall, body: body(0), goesOn: true } as CallEnvelope)
    for (let at = ofPiece; at < length; at += ofPiece) {
      expect(partial.heldBytes).toBeGreaterThanOrEqual(at)
      expect(partial.heldBytes).toBeLessThanOrEqual(2 * at)
      partial.more({ kind: 'more', callId: 1, body: body(at), goesOn: at + ofPiece < length })
    }
    expect(partial.heldBytes).toBe(0)
    return set.reduce((sum, bytes) => sum + bytes, 0) / length
  }

  it.each([
    [4 * pieceBytes, pieceBytes, 1.75],
    [3 * pieceBytes, pieceBytes, 2],
    [2 * pieceBytes, pieceBytes, 1.5],
    [64 * pieceBytes, pieceBytes, 2],
    [20_000, 1, 3],
  ])(
    'of %i bytes in pieces of %i is copied at most %d times, in memory of at most twice the received bytes',
    (length, ofPiece, most) => {
      expect(assembled(length, ofPiece)).toBeLessThanOrEqual(most)
    },
  )
})
