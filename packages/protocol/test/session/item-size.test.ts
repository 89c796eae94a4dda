import { Fifo } from '@frameport/framing/checks'
import { describe, expect, it } from 'vitest'
import { decodeBody } from '../../src/envelope/codec.ts'
import type { EnvelopeBody } from '../../src/envelope/envelope-parts.ts'
import { guessedItemSize, itemSize } from '../../src/session/flow/decoded-size.ts'
import { heapAfterCollection } from '../support/heap.ts'
import { json } from '../support/raw-peer.ts'

const list = <Member>(length: number, member: (at: number) => Member) =>
  Array.from({ length }, (_, at) => member(at))
const text = (at: number, length: number) => String(at).padStart(length, 'x')

/** Typical items. */
const usual: Readonly<Record<string, (at: number) => unknown>> = {
  'a small number': (at) => at % 1_000,
  'a fraction': (at) => at + 0.5,
  'a short text': (at) => text(at, 10),
  'a text of 1 KiB': (at) => text(at, 1_024),
  'a text of 4 KiB': (at) => text(at, 4_000),
  'a small object': (at) => ({ n: at }),
  'an object with a text': (at) => ({ n: at, text: text(at, 240) }),
  'a record': (at) => ({
    id: at,
    name: `name ${at}`,
    email: `user${at}@example.org`,
    score: at / 3,
    ok: true,
  }),
  'nested objects': (at) => ({
    id: at,
    from: { name: `a${at}`, tags: ['x', 'y'] },
    pos: { x: at / 7, y: 1.5 },
  }),
  '10 numbers': (at) => list(10, (index) => (at + index) % 1_000),
  '100 digits': (at) => list(100, (index) => (at + index) % 10),
  '100 fractions': (at) => list(100, (index) => (at + index) / 7),
  '20 rows': (at) => list(20, (index) => ({ a: at + index, b: `v${index}`, c: null })),
}

/** Unusual items, which take much memory for their length. */
const strange: Readonly<Record<string, (at: number) => unknown>> = {
  'empty objects': () => list(340, () => ({})),
  'empty arrays': () => list(340, () => []),
  'arrays in an array': () => list(250, () => [1]),
  'names that change': (at) =>
    Object.fromEntries(list(40, (index) => [`k${(at * 7 + index) % 100_000}`, index])),
  'new names': (at) => Object.fromEntries(list(100, (index) => [(at * 100 + index).toString(36), 1])),
}

/** Collects several times, because buffers are freed later than the objects that own them. */
function settledHeap(): number {
  let last = heapAfterCollection()
  for (let time = 0; time < 3; time++) last = Math.min(last, heapAfterCollection())
  return last
}

function held(bodies: readonly EnvelopeBody[], isKept: boolean): number {
  const unread = new Fifo<unknown>()
  const before = settledHeap()
  for (const { encoding, bytes } of bodies) {
    const body = isKept ? { encoding, bytes: bytes.slice() } : decodeBody({ encoding, bytes })
    unread.push({ body, bytes: bytes.length, heldBytes: 1 })
  }
  const bytes = settledHeap() - before
  expect(unread.shift()).toBeDefined()
  return bytes / bodies.length
}

/** The memory of each of these items until it is read. It is measured in the second run, when all code is loaded. */
function taken(bodies: readonly EnvelopeBody[], isKept = false): number {
  held(bodies, isKept)
  return held(bodies, isKept)
}

/** Enough items that other memory of the process hardly matters. */
function encoded(shape: (at: number) => unknown): EnvelopeBody[] {
  const count = Math.ceil(1_000_000 / (100 + JSON.stringify(shape(0)).length))
  return list(count, (at) => json(JSON.stringify(shape(at))))
}

const sum = (bodies: readonly EnvelopeBody[], mayGuess: boolean) =>
  bodies.reduce((bytes, body) => bytes + itemSize(body, false, mayGuess), 0) / bodies.length

describe('the counted size of an unread item', () => {
  it.each(Object.entries(usual))('is half to four times its memory: %s', (_, shape) => {
    const bodies = encoded(shape)
    const each = taken(bodies)
    for (const mayGuess of [true, false]) {
      expect(sum(bodies, mayGuess)).toBeGreaterThan(0.45 * each)
      expect(sum(bodies, mayGuess)).toBeLessThan(4 * each)
    }
  })

  it.each(Object.entries(strange))(
    'is an eighth to twice its memory when the text is scanned: %s',
    (_, shape) => {
      const bodies = encoded(shape)
      const each = taken(bodies)
      expect(sum(bodies, false)).toBeGreaterThan(each / 8)
      expect(sum(bodies, false)).toBeLessThan(2.5 * each)
    },
  )

  it.each([8, 64, 65, 4_096])('is its memory, within a quarter: %d raw bytes', (length) => {
    const bodies = list(5_000, () => ({ encoding: 'raw', bytes: new Uint8Array(length) }) as const)
    const part = itemSize(bodies[0]!, false, true) / taken(bodies)
    expect([part > 0.75, part < 1.25]).toEqual([true, true])
  })

  it('is its length when it is kept undecoded', () => {
    const body = json(`[${'{},'.repeat(3_000)}1]`)
    const bodies = list(500, () => body)
    const part = itemSize(body, true, false) / taken(bodies, true)
    expect([part > 0.75, part < 1.25]).toEqual([true, true])
  })

  it('is estimated from its length while little is held', () => {
    const body = json('{"n":1}')
    expect(itemSize(body, false, true)).toBe(guessedItemSize(7))
    expect(itemSize(body, false, false)).not.toBe(guessedItemSize(7))
  })
})
