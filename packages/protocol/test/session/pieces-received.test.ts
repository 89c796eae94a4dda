import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { heapAfterCollection } from '../support/heap.ts'
import { more, patterned, patternedBody, slowConnection } from '../support/pieces.ts'
import { credit, firstCall, noBody, openProbe } from '../support/raw-peer.ts'
import { raw, startCall } from '../support/sessions.ts'

describe('a body that comes in pieces', () => {
  const begins = { ...firstCall, body: patternedBody(1_000), goesOn: true }

  it('runs the handler when it is complete, and holds a slot before', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send(begins, more(1, 500, true))
    await time.settle()
    expect([recorder.calls.length, session.callsInFlight]).toEqual([0, 1])
    peer.send(more(1, 7, false))
    await time.settle()
    expect(recorder.calls[0]?.input).toEqual(
      raw(Uint8Array.from([...patterned(1_000), ...patterned(500), ...patterned(7)])),
    )
  })

  it.each([
    ['a length at the limit', 2_000, [1_000], 'PENDING'],
    ['a length one byte over the limit', 2_000, [1_001], 'RESOURCE_EXHAUSTED'],
    ['a length far over the limit', 2_000, [100_000], 'RESOURCE_EXHAUSTED'],
    ['a length one byte over the limit, in many pieces', 1_003, [1, 1, 1, 1], 'RESOURCE_EXHAUSTED'],
  ])('%s of bodyBytesMax', async (_, bodyBytesMax, pieces, code) => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { bodyBytesMax } })
    peer.send(begins, ...pieces.map((length, index) => more(1, length, index < pieces.length - 1)))
    await time.settle()
    if (code === 'PENDING') expect([recorder.calls.length, peer.kinds]).toEqual([1, []])
    else expect(peer.all('failure')).toMatchObject([{ callId: 1, code, maybeExecuted: false }])
    expect(session.state).toBe('open')
  })

  it('fails when it exceeds the limit of all partial bodies, and others continue', async () => {
    const limits = { bodyBytesMax: 3_000, bodiesPartialBytesMax: 3_000 }
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    peer.send(begins, { ...begins, callId: 3 }, { ...begins, callId: 5 }, more(3, 1, true), more(1, 1, true))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'RESOURCE_EXHAUSTED' }])
    peer.send(more(3, 100, false), more(1, 1, false), more(5, 1, false))
    await time.settle()
    expect([recorder.calls.map(({ id }) => id), session.state]).toEqual([[1, 5], 'open'])
  })

  it('is dropped when its call is cancelled: the handler never runs, and the memory is free', async () => {
    const limits = { bodyBytesMax: 3_000, bodiesPartialBytesMax: 3_000 }
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    for (let index = 0; index < 20; index += 1) {
      const callId = 1 + 2 * index
      peer.send({ ...begins, callId }, { kind: 'cancel', callId, code: 'CANCELLED', text: '' })
      peer.send(more(callId, 900, true))
    }
    await time.settle()
    expect(peer.all('failure').map(({ code, maybeExecuted }) => [code, maybeExecuted])).toEqual(
      Array.from({ length: 20 }, () => ['CANCELLED', false]),
    )
    expect([recorder.calls, session.callsInFlight, session.state]).toEqual([[], 0, 'open'])
  })

  it('is dropped when its deadline passes', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send({ ...begins, deadlineMs: 100 })
    await time.advance(100)
    expect(peer.all('failure')).toMatchObject([{ code: 'DEADLINE_EXCEEDED', maybeExecuted: false }])
    peer.send(more(1, 10, false))
    await time.settle()
    expect([recorder.calls, session.state]).toEqual([[], 'open'])
  })

  it.each([
    ['a piece that has no first piece', [firstCall, more(1, 1, false)]],
    ['a piece for an unknown call', [more(9, 1, false)]],
    [
      'a piece in another encoding',
      [begins, { ...more(1, 1, false), body: { ...patternedBody(1), encoding: 'codec' } }],
    ],
    ['a piece after the last one', [begins, more(1, 1, false), more(1, 1, false)]],
  ] as [string, Envelope[]][])('with %s ends the session', async (_, envelopes) => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send(...envelopes)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each(['result', 'end', 'item'] as const)('has no %s inside it', async (kind) => {
    const { peer, time, session, recorder } = await openProbe('client')
    startCall(session, 'a/b', { initialCredit: credit(5) })
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: patternedBody(10), goesOn: true })
    if (kind === 'item') peer.send({ kind, callId: 1, sequence: 1, body: patternedBody(1) })
    else if (kind === 'end') peer.send({ kind, callId: 1, metadata: {} })
    else peer.send({ kind, callId: 1, metadata: {}, body: noBody })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it.each(['result', 'item'] as const)(
    'as a %s over the limit fails its call here, and cancels it at the peer',
    async (kind) => {
      const { peer, time, session } = await openProbe('client', { limits: { bodyBytesMax: 1_500 } })
      const outcome = startCall(session, 'a/b', kind === 'item' ? { initialCredit: credit(5) } : {})
      peer.send(
        kind === 'item'
          ? { kind, callId: 1, sequence: 0, body: patternedBody(1_000), goesOn: true }
          : { kind, callId: 1, metadata: {}, body: patternedBody(1_000), goesOn: true },
        more(1, 1_000, true),
        more(1, 1_000, false),
      )
      if (kind === 'item') peer.send({ kind: 'end', callId: 1, metadata: {} })
      await time.settle()
      expect([outcome.code, outcome.error?.maybeExecuted]).toEqual(['RESOURCE_EXHAUSTED', true])
      const what = kind === 'item' ? 'an item' : 'the result'
      expect(outcome.error?.message).toBe(`${what} is over the 1500 bytes that this side accepts`)
      expect([peer.kinds, session.callsInFlight, session.state]).toEqual([['call', 'cancel'], 0, 'open'])
    },
  )

  it.each(['result', 'item'] as const)('of a %s is not kept for a call that has ended', async (kind) => {
    const { peer, time, session } = await openProbe('client')
    startCall(session, 'a/b', kind === 'item' ? { initialCredit: credit(5) } : {})
    peer.send({
      kind: 'failure',
      callId: 1,
      code: 'A',
      text: '',
      maybeExecuted: true,
      metadata: {},
      body: noBody,
    })
    const beginning = { callId: 1, body: patternedBody(10), goesOn: true }
    if (kind === 'item') peer.send({ kind, sequence: 0, ...beginning })
    else peer.send({ kind, metadata: {}, ...beginning })
    peer.send(more(1, 10, true))
    await time.settle()
    expect([session.stats().memory.partialBytes, session.state]).toEqual([0, 'open'])
  })

  it('is released when its call or its session ends', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(begins, { ...begins, callId: 3 })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(2_000)
    peer.send({ kind: 'cancel', callId: 1, code: 'CANCELLED', text: '' })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(1_000)
    session.abort({ code: 'ABORTED', message: 'enough' })
    await time.settle()
    expect(session.stats().memory.partialBytes).toBe(0)
  })

  it('of a call that comes after the goaway of this side is not kept', async () => {
    const { peer, time, session } = await openProbe('server')
    peer.send(firstCall)
    await time.settle()
    void session.close({ graceMs: 60_000 })
    peer.send({ ...begins, callId: 3 }, more(3, 10, true))
    await time.settle()
    expect([session.stats().memory.partialBytes, session.state]).toEqual([0, 'draining'])
  })

  it('of an answer is dropped when a failure follows', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.send(
      { kind: 'result', callId: 1, metadata: {}, body: patternedBody(10), goesOn: true },
      { kind: 'failure', callId: 1, code: 'A', text: '', maybeExecuted: true, metadata: {}, body: noBody },
    )
    await time.settle()
    expect([outcome.code, session.state]).toEqual(['A', 'open'])
  })

  it('of a hundred thousand pieces of one byte takes little more memory than its bytes', async () => {
    const limits = { bodyBytesMax: 200_000 }
    const { peer, time, recorder } = await openProbe('server', { limits })
    const heapBefore = heapAfterCollection()
    peer.send({ ...begins, body: patternedBody(1) })
    for (let sent = 0; sent < 100; sent += 1) {
      peer.send(...Array.from({ length: 1_000 }, () => more(1, 1, true)))
      await time.settle()
    }
    expect(heapAfterCollection() - heapBefore).toBeLessThan(3_000_000)
    peer.send(more(1, 1, false))
    await time.settle()
    expect(recorder.calls[0]?.input).toMatchObject({ kind: 'raw', bytes: { length: 100_002 } })
  })

  it('over the limit is ignored to its end while its failure waits after other answers', async () => {
    const limits = { bodyBytesMax: 1_500, answerBytesQueuedMax: 1 }
    const { peer, time, recorder, session } = await openProbe('server', { limits }, slowConnection)
    peer.stream.pause()
    peer.send({ ...firstCall, callId: 1 }, { ...begins, callId: 3 })
    await time.settle()
    recorder.calls[0]?.respond(raw(patterned(1_400)))
    peer.send(more(3, 1_000, true), more(3, 1_000, true), more(3, 1, false))
    await time.settle()
    peer.stream.resume()
    await time.advance(1_000)
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'RESOURCE_EXHAUSTED' }])
    expect([session.state, session.callsInFlight]).toEqual(['open', 0])
  })

  it('takes no memory in advance: ten thousand beginnings hold only what arrived', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { callsInFlightMax: 10 } })
    for (let index = 0; index < 1_000; index += 1)
      peer.send({ ...begins, callId: 1 + 2 * index, body: patternedBody(1) })
    await time.settle()
    expect([session.callsInFlight, peer.all('failure').length, session.state]).toEqual([10, 990, 'open'])
  })
})
