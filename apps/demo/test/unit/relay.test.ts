import type { Upload } from '@frameport/server'
import { beforeEach, describe, expect, test } from 'vitest'
import { type OfferNews, sha256Bytes } from '../../src/file-contract.ts'
import { limits } from '../../src/limits.ts'
import { Offer } from '../../src/server/files/offer.ts'
import { relay } from '../../src/server/files/relay.ts'
import type { Taker } from '../../src/server/files/taker.ts'
import { Visitor } from '../../src/server/visitor.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'

const chunkBytes = limits.fileChunkBytesMax
const windowChunks = limits.fileWindowBytes / chunkBytes

/** An upload with the items that a test adds, or with as many items as the relay reads. */
class TestUpload implements Upload<Uint8Array> {
  items = 0
  bytes = 0
  isStopped = false
  readonly #chunks: Uint8Array[] = []
  #hasEnded = false
  #wake: (() => void) | undefined

  put(...chunks: Uint8Array[]): void {
    this.#chunks.push(...chunks)
    this.#wake?.()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake?.()
  }

  stop(): void {
    this.isStopped = true
    this.end()
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.isStopped ? undefined : this.#chunks.shift()
      if (value !== undefined) {
        this.items += 1
        this.bytes += value.length
        return { done: false, value }
      }
      if (this.#hasEnded) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.stop()
    return this.next()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

let clock: ManualClock
let upload: TestUpload
let carried: Promise<void>

beforeEach(() => {
  clock = new ManualClock()
  upload = new TestUpload()
})

/** An offer of this many bytes, in a room with its sender and these members. */
function offerOf(bytes: number, ...names: string[]): Offer {
  const facts = { file: 1, name: 'x', bytes, from: 'anna' }
  const events = { members: () => ['anna', ...names], closed: () => {}, over: () => {} }
  return new Offer(facts, new Visitor('somebody', () => 0), 'lobby', clock, events)
}

/** A file of this many whole pieces and its checksum, which these members take. */
function begin(pieces: number, ...names: string[]) {
  const offer = offerOf(pieces * chunkBytes, ...names)
  carried = relay(offer, upload, clock)
  const takers = names.map((name) => offer.take(`the identity of ${name}`, name))
  for (let piece = 0; piece < pieces; piece += 1) upload.put(new Uint8Array(chunkBytes))
  upload.put(new Uint8Array(sha256Bytes))
  return { offer, takers: takers as [Taker, ...Taker[]] }
}

/** Reads the pieces of a taker one by one. */
function reader(taker: Taker) {
  const chunks = taker.chunks()
  return async (pieces: number) => {
    let bytes = 0
    for (let piece = 0; piece < pieces; piece += 1)
      bytes += ((await chunks.next()).value as Uint8Array).length
    await settled()
    return bytes
  }
}

describe('A relay', () => {
  test('reads one window and one piece ahead of a taker, and continues when the taker reads', async () => {
    const { offer, takers } = begin(100, 'bob')
    const read = reader(takers[0])
    await settled()
    expect(upload.items).toBe(windowChunks + 1)
    for (let piece = 1; piece <= 50; piece += 1) {
      await read(1)
      expect(upload.items).toBe(windowChunks + 1 + piece)
      expect(offer.heldBytes).toBeLessThanOrEqual(limits.fileWindowBytes)
    }
    offer.finish('cancelled')
    await carried
  })

  test('runs at the pace of the slowest taker, and holds each piece once', async () => {
    const { offer, takers } = begin(100, 'bob', 'carol', 'dave')
    const [bob, carol] = [reader(takers[0]), reader(takers[1] as Taker)]
    await settled()
    await bob(windowChunks)
    expect(upload.items).toBe(windowChunks + 1)
    await carol(windowChunks)
    expect(upload.items).toBe(windowChunks + 1)
    expect(offer.heldBytes).toBe(limits.fileWindowBytes)
    offer.takerEnded(takers[2] as Taker, 'left')
    await settled()
    expect(upload.items).toBe(2 * windowChunks + 1)
    offer.finish('cancelled')
    await carried
    expect(offer.heldBytes).toBe(0)
  })

  test('removes a taker that reads nothing, with a reason, and continues with the others', async () => {
    const { offer, takers } = begin(20, 'bob', 'carol')
    const bob = reader(takers[0])
    await settled()
    await bob(windowChunks)
    await clock.move(limits.fileStallMs - 1)
    expect(offer.takers).toHaveLength(2)
    await clock.move(1)
    expect(offer.takers.map(({ name }) => name)).toEqual(['bob'])
    expect(await (takers[1] as Taker).stopped()).toEqual({ taker: 'slow' })
    expect((takers[1] as Taker).waitingBytes).toBe(0)
    expect(await bob(20 + 1 - windowChunks)).toBe((20 - windowChunks) * chunkBytes + sha256Bytes)
    offer.takerEnded(takers[0], 'saved')
    expect(offer.end).toBe('done')
    await carried
    expect(clock.timers).toBe(0)
  })

  test('removes a taker that reads single pieces, but no whole window in time', async () => {
    const { offer, takers } = begin(100, 'bob')
    const bob = reader(takers[0])
    await settled()
    for (let piece = 1; piece < windowChunks; piece += 1) {
      await clock.move(limits.fileStallMs / windowChunks + 500)
      await bob(1)
    }
    await clock.move(limits.fileStallMs / windowChunks - 2_000)
    expect(offer.takers).toHaveLength(1)
    await clock.move(1_000)
    expect(offer.end).toBe('abandoned')
    expect(await takers[0].stopped()).toEqual({ taker: 'slow' })
    await carried
  })

  test('keeps a taker that always reads a window in time', async () => {
    const { offer, takers } = begin(100, 'bob')
    const bob = reader(takers[0])
    await settled()
    for (let piece = 0; piece < 50; piece += 1) {
      await clock.move(limits.fileStallMs / windowChunks - 1)
      await bob(1)
    }
    expect(offer.takers).toHaveLength(1)
    offer.finish('cancelled')
    await carried
  })

  test('tells the sender which taker stalls the transfer, and when the transfer continues', async () => {
    const { offer, takers } = begin(100, 'bob', 'carol')
    const news: OfferNews[] = []
    void (async () => {
      for await (const one of offer.news) news.push(one)
    })()
    const [bob, carol] = [reader(takers[0]), reader(takers[1] as Taker)]
    await settled()
    news.length = 0
    await carol(1)
    await clock.move(limits.fileStandsShownMs - 1)
    expect(news).toEqual([])
    await clock.move(1)
    expect(news).toEqual([{ kind: 'stands', takers: ['bob'] }])
    await clock.move(limits.fileStandsShownMs)
    await bob(1)
    expect(news.slice(1)).toEqual([{ kind: 'goesOn' }])
    await bob(1)
    await carol(1)
    expect(news).toHaveLength(2)
    offer.finish('cancelled')
    await carried
  })

  test('removes a taker that does not read the end', async () => {
    const { offer, takers } = begin(1, 'bob')
    await settled()
    await clock.move(limits.fileStallMs)
    expect(await takers[0].stopped()).toEqual({ taker: 'slow' })
    expect(offer.end).toBe('done')
    await carried
  })

  test('ends the file of a sender that sends nothing, and tells the takers', async () => {
    const offer = offerOf(5)
    carried = relay(offer, upload, clock)
    const taker = offer.take('somebody', 'bob')
    await settled()
    upload.put(new Uint8Array(5))
    await settled()
    await clock.move(limits.fileStallMs - 1)
    expect(offer.end).toBeUndefined()
    await clock.move(1)
    expect(offer.end).toBe('stalled')
    expect(await taker.stopped()).toEqual({ offer: 'stalled' })
    await carried
    expect(upload.isStopped).toBe(true)
    expect(clock.timers).toBe(0)
  })

  test('reads nothing before the transfer starts, and stops the upload if it never starts', async () => {
    const offer = offerOf(5)
    upload.put(new Uint8Array(5))
    carried = relay(offer, upload, clock)
    await settled()
    expect(upload.items).toBe(0)
    await clock.move(limits.fileOfferMs)
    await carried
    expect([upload.items, upload.isStopped]).toEqual([0, true])
  })

  const wrong: readonly [string, (upload: TestUpload) => void][] = [
    [
      'ends before its last byte',
      (one) => {
        one.put(new Uint8Array(9))
        one.end()
      },
    ],
    ['has a piece that is too long', (one) => one.put(new Uint8Array(chunkBytes + 1))],
    [
      'is longer than the offer',
      (one) => {
        for (let piece = 0; piece < 4; piece += 1) one.put(new Uint8Array(50_000))
        one.put(new Uint8Array(sha256Bytes + 1))
      },
    ],
  ]
  test.each(wrong)('ends a file whose upload %s', async (_how, put) => {
    const offer = offerOf(200_000)
    carried = relay(offer, upload, clock)
    const taker = offer.take('somebody', 'bob')
    put(upload)
    for await (const _chunk of taker.chunks());
    await carried
    expect(offer.end).toBe('broken')
    expect(await taker.stopped()).toEqual({ offer: 'broken' })
  })

  test('sends only the checksum of an empty file', async () => {
    const { offer, takers } = begin(0, 'bob')
    const read = reader(takers[0])
    expect(await read(1)).toBe(sha256Bytes)
    await carried
    offer.takerEnded(takers[0], 'saved')
    expect(offer.end).toBe('done')
  })
})
