import { describe, expect, it } from 'vitest'
import { noMetadata } from '../../src/envelope/envelope-parts.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/envelope/index.ts'
import { callSize } from '../../src/session/flow/decoded-size.ts'
import { heapAfterCollection } from '../support/heap.ts'
import { firstCall, json, openProbe, rawBody, rawCall } from '../support/raw-peer.ts'
import { Recorder, value } from '../support/sessions.ts'

const KiB = 1024

/** The size of a call with this many raw bytes. */
const counted = (length: number) =>
  callSize({ procedure: 'a/b', metadata: noMetadata, body: rawBody(length) })
const countedText = (text: string) => callSize({ procedure: '', metadata: noMetadata, body: json(text) })

describe('the memory that a session holds for its peer', () => {
  it('is shown by kind, and is released when everything has ended', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    const before = session.stats().memory
    peer.send(rawCall(1, 5_000), rawCall(3, 7_000, true))
    peer.sendBytes(Uint8Array.of(0, 0, 100, 0, 1, 2, 3))
    await time.settle()
    const { memory } = session.stats()
    expect(memory).toMatchObject({ inputBytes: counted(5_000), partialBytes: 7_000, frameBytes: 4 + 1_024 })
    expect(memory.totalBytes - before.totalBytes).toBe(counted(5_000) + 7_000 + 4 + 1_024)
    peer.sendBytes(new Uint8Array(0))
    recorder.calls[0]?.respond(value(1))
    peer.send({ kind: 'cancel', callId: 3, code: 'CANCELLED', text: '' })
    await time.settle()
    expect(session.stats().memory).toMatchObject({ inputBytes: 0, frameBytes: 4 + 1_024 })
  })

  it('is 0 after the session has closed, whatever was open', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(rawCall(1, 5_000), rawCall(3, 7_000, true))
    await time.settle()
    session.abort({ code: 'ABORTED', message: 'the test has enough' })
    await time.settle()
    expect(Object.values(session.stats().memory).filter((bytes) => bytes !== 0)).toEqual([])
  })

  it('includes the input of an abandoned call while its handler runs', async () => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { handlerStopMs: 100 } })
    peer.send(rawCall(1, 5_000), { kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
    await time.advance(200)
    expect(session.stats()).toMatchObject({ callsAbandoned: 1, memory: { inputBytes: counted(5_000) } })
    recorder.calls[0]?.respond(value(1))
    expect(session.stats()).toMatchObject({ callsAbandoned: 0, memory: { inputBytes: 0 } })
  })
})

describe('sessionMemoryBytesMax', () => {
  const limits = { sessionMemoryBytesMax: 200 * KiB, frameBytesMax: 64 * KiB, bodyBytesMax: 64 * KiB }
  const room = 200 * KiB - 8 * KiB

  it.each([
    ['at the limit', room - counted(40 * KiB) - counted(0), []],
    ['one over', room - counted(40 * KiB) - counted(0) + 1, ['RESOURCE_EXHAUSTED']],
    ['far over', 63 * KiB, ['RESOURCE_EXHAUSTED']],
  ])('refuses a call with a retry time: %s', async (_, last, codes) => {
    const { peer, time, recorder, session } = await openProbe('server', {
      limits: {
        ...limits,
        overloadRetryAfterMs: 700,
        frameBytesMax: 256 * KiB,
        bodyBytesMax: 256 * KiB,
        bodiesPartialBytesMax: 256 * KiB,
      },
    })
    const first =
      last === 63 * KiB
        ? [rawCall(1, 60 * KiB), rawCall(3, 60 * KiB), rawCall(5, 60 * KiB)]
        : [rawCall(5, 40 * KiB)]
    peer.send(...first)
    await time.settle()
    peer.send(rawCall(7, last))
    await time.settle()
    const failures = peer.all('failure')
    expect(failures.map(({ code }) => code)).toEqual(codes)
    if (codes.length > 0) expect(failures[0]?.retryAfterMs).toBe(700)
    expect(recorder.calls.length).toBe(first.length + 1 - codes.length)
    expect(session.state).toBe('open')
  })

  it('refuses a body whose next piece would exceed it, and accepts others', async () => {
    const { peer, time, session } = await openProbe('server', {
      limits: {
        ...limits,
        bodyBytesMax: 256 * KiB,
        bodiesPartialBytesMax: 2048 * KiB,
        sessionMemoryBytesMax: 200 * KiB,
      },
    })
    peer.send(rawCall(1, 60 * KiB, true))
    for (let piece = 0; piece < 3; piece += 1)
      peer.send({ kind: 'more', callId: 1, body: rawBody(60 * KiB), goesOn: true })
    await time.settle()
    expect(peer.all('failure')).toMatchObject([
      {
        callId: 1,
        code: 'RESOURCE_EXHAUSTED',
        text: expect.stringContaining('the input was refused: this connection would hold'),
        retryAfterMs: 1_000,
      },
    ])
    expect(session.stats().memory.partialBytes).toBe(0)
    peer.send(rawCall(3, 10 * KiB))
    await time.settle()
    expect(peer.all('failure')).toHaveLength(1)
  })
})

describe('a text of brackets', () => {
  it('is counted at a third to three times its decoded size', () => {
    const shapes = {
      arrays: `[${'[],'.repeat(100_000)}1]`,
      objects: `[${'{},'.repeat(100_000)}1]`,
      texts: JSON.stringify(Array.from({ length: 200_000 }, (_, at) => `a${at}`)),
      members: JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, at]))),
    }
    const kept: unknown[] = []
    for (const [shape, text] of Object.entries(shapes)) {
      const before = heapAfterCollection()
      kept.push(JSON.parse(text))
      const taken = heapAfterCollection() - before
      const part = countedText(text) / taken
      expect([shape, part > 1 / 3, part < 3]).toEqual([shape, true, true])
    }
    expect(kept).toHaveLength(4)
  })

  it.each([
    ['objects', () => '{}'],
    ['arrays', () => '[]'],
    ['numbers', () => '1'],
    ['texts', (at: number) => `"a longer text ${at}"`],
  ])('is counted at a third to eight times its decoded size when it is short: %s', (_, member) => {
    for (const length of [1_000, 4_000]) {
      const members = Array.from({ length: length / (member(100).length + 1) }, (_, at) => member(at))
      const text = `[${members.join()}]`
      const before = heapAfterCollection()
      const kept = Array.from({ length: 500 }, () => JSON.parse(text))
      const taken = (heapAfterCollection() - before) / 500
      expect(kept).toHaveLength(500)
      expect(countedText(text)).toBeGreaterThan(taken / 3)
      expect(countedText(text)).toBeLessThan(8 * taken)
    }
  })

  it('of letters is counted at its length', () => {
    expect(countedText(JSON.stringify('x'.repeat(300_000))) / 300_000).toBeLessThan(1.1)
  })
})

describe('what comes beside a body', () => {
  it('counts, too: metadata and the name of the procedure, within a factor of three', async () => {
    const { peer, time, session } = await openProbe('server')
    const { totalBytes } = session.stats().memory
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, 'v'.repeat(100)]))
    peer.send({ ...firstCall, metadata })
    await time.settle()
    const { header, body } = encodeEnvelope({ ...firstCall, metadata })
    const encoded = Uint8Array.of(...header, ...body)
    const before = heapAfterCollection()
    const kept = Array.from({ length: 200 }, () => decodeEnvelope(encoded))
    const taken = (heapAfterCollection() - before) / kept.length
    const counted = session.stats().memory.totalBytes - totalBytes
    expect([counted > taken / 3, counted < 3 * taken]).toEqual([true, true])
  })
})

it('a subscription counts like a call of its event, plus its topic', async () => {
  const recorder = Object.assign(new Recorder(), { subscription() {} })
  const { peer, time, session } = await openProbe('server', {}, {}, recorder)
  peer.send({ kind: 'unsubscribe', callId: 1, event: 'a/e', topic: 't'.repeat(4_000) })
  await time.settle()
  const asCall = callSize({ procedure: 'a/e', metadata: noMetadata, body: rawBody(0) })
  expect(session.stats().memory.inputBytes).toBe(asCall + 4_000)
})

describe('memory that the owner of a session takes for the peer', () => {
  it('counts until it is returned, and is refused over the limit of the session', async () => {
    const { session } = await openProbe('server', { limits: { sessionMemoryBytesMax: 200 * KiB } })
    const before = session.stats().memory.totalBytes
    expect(session.takeMemory(100 * KiB)).toBe(undefined)
    expect(session.stats().memory).toMatchObject({ ownerBytes: 100 * KiB, totalBytes: before + 100 * KiB })
    const left = 200 * KiB - before - 100 * KiB
    expect(session.takeMemory(left + 1)).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 })
    expect(session.takeMemory(left)).toBe(undefined)
    session.giveMemory(100 * KiB + left)
    expect(session.stats().memory).toMatchObject({ ownerBytes: 0, totalBytes: before })
  })
})
