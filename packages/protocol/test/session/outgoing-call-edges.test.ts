import { describe, expect, it } from 'vitest'
import type { Body, Envelope } from '../../src/envelope/index.ts'
import { onForeignChannel } from '../support/foreign-channel.ts'
import { network } from '../support/network.ts'
import { credit, json, noBody, openProbe, probe, welcome } from '../support/raw-peer.ts'
import { openSide, raw, startCall, value } from '../support/sessions.ts'

const failure: Envelope = {
  kind: 'failure',
  callId: 1,
  code: 'NOT_FOUND',
  text: 'none',
  maybeExecuted: true,
  metadata: {},
  body: noBody,
}
const items = { initialCredit: credit(3) }
const item = (length: number, sequence = 0): Envelope => ({
  kind: 'item',
  callId: 1,
  sequence,
  body: { encoding: 'raw', bytes: new Uint8Array(length) },
})

describe('a call that waits for the handshake', () => {
  it('sends raw bytes as they were when it was made, and values as values', async () => {
    const { time, peer, session } = probe('client')
    const bytes = Uint8Array.of(1, 2)
    startCall(session, 'a/b', { input: raw(bytes) })
    startCall(session, 'a/b', { input: value('x') })
    bytes.fill(9)
    peer.send(welcome)
    await time.settle()
    expect(peer.all('call').map(({ body }) => body)).toEqual([
      { encoding: 'raw', bytes: Uint8Array.of(1, 2) },
      json('"x"'),
    ])
  })

  it.each([0, -1])('with %i ms left fails before time passes', async (deadlineMs) => {
    const { session } = probe('client')
    const call = startCall(session, 'a/b', { deadlineMs })
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve()
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
  })

  it('fails with the cause when the connection breaks', async () => {
    const { time, peer, session } = probe('client')
    const call = startCall(session)
    peer.stream.abort(new Error('reset'))
    await time.advance(2_000)
    expect(call.error?.cause).toBeInstanceOf(Error)
  })
})

it('a call does not expire when its timer fires early', async () => {
  const { time, a } = network()
  const environment = {
    nowMs: () => time.nowMs(),
    setTimer: (delayMs: number, callback: () => void) => time.setTimer(Math.max(1, delayMs - 5), callback),
    random: () => 1,
  }
  const { session } = openSide('client', environment, a)
  const call = startCall(session, 'a/b', { deadlineMs: 100 })
  await time.advance(99)
  expect(call.code).toBe('PENDING')
  await time.advance(1)
  expect(call.code).toBe('DEADLINE_EXCEEDED')
  session.abort({ code: 'ABORTED', message: 'the test is over' })
  await time.settle()
})

describe('a call', () => {
  it('without a fingerprint has no extensions', async () => {
    const { time, peer, session } = await openProbe('client')
    startCall(session, 'a/b', { fingerprint: () => undefined })
    await time.settle()
    expect(peer.all('call').map(({ extensions }) => extensions)).toEqual([undefined])
  })

  it('fails with INVALID_ARGUMENT when its input cannot be encoded', async () => {
    const { time, session } = await openProbe('client')
    const call = startCall(session, 'a/b', { input: value(1n) })
    await time.settle()
    expect(call.error).toMatchObject({ code: 'INVALID_ARGUMENT', maybeExecuted: false })
  })

  it('waits when the connection accepts nothing, and counts as unsent when the session then ends', async () => {
    const { time, channel, session } = await onForeignChannel('client')
    channel.verdict = 'closed'
    const call = startCall(session)
    await time.settle()
    expect(call.code).toBe('PENDING')
    session.abort({ code: 'CONNECTION_LOST', message: 'it was cut' })
    await time.settle()
    expect(call.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
  })

  it('expires when its deadline has passed, whatever the clock shows', async () => {
    const { time, session } = await openProbe('client')
    await time.advance(1_000)
    const call = startCall(session, 'a/b', { deadlineMs: 50 })
    await time.advance(49)
    expect(call.code).toBe('PENDING')
    await time.advance(1)
    expect(call.code).toBe('DEADLINE_EXCEEDED')
  })

  it('ignores a grant when it asked for no items', async () => {
    const { time, peer, session } = await openProbe('client')
    startCall(session).call.grant({ items: 1, bytes: 1 })
    await time.settle()
    expect(peer.all('credit')).toEqual([])
  })

  it('passes on the raw data of a failure', async () => {
    const { time, peer, session } = await openProbe('client')
    const call = startCall(session)
    peer.send({ ...failure, body: { encoding: 'raw', bytes: Uint8Array.of(7) } })
    await time.settle()
    expect(call.error).toMatchObject({ data: Uint8Array.of(7), maybeExecuted: true })
  })

  it.each([
    ['a result', {}, { kind: 'result', callId: 1, metadata: { a: '1', b: '2' }, body: noBody }],
    ['an end', items, { kind: 'end', callId: 1, metadata: { a: '1', b: '2' } }],
  ] as [string, object, Envelope][])(
    'fails when the metadata of %s exceed its limits',
    async (_, options, answer) => {
      const { time, peer, session } = await openProbe('client', { limits: { metadataEntriesMax: 1 } })
      const call = startCall(session, 'a/b', options)
      peer.send(answer)
      await time.settle()
      expect(call.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', maybeExecuted: true })
    },
  )

  it('ignores envelopes for it after its answer', async () => {
    const { time, peer, session, recorder } = await openProbe('client')
    const call = startCall(session, 'a/b', items)
    peer.send(failure, item(1), { kind: 'end', callId: 1, metadata: {} }, failure)
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: noBody })
    await time.settle()
    expect([call.settlements.length, call.items, recorder.closes]).toEqual([1, [], []])
  })
})

describe('credit', () => {
  it('of bytes alone is sent', async () => {
    const { time, peer, session } = await openProbe('client')
    const { call } = startCall(session, 'a/b', items)
    call.grant({ items: 0, bytes: 5 })
    call.grant({ items: 2, bytes: 0 })
    call.grant({ items: 0, bytes: 0 })
    await time.settle()
    expect(peer.all('credit')).toMatchObject([
      { items: 0, bytes: 5 },
      { items: 2, bytes: 0 },
    ])
  })

  it('is limited to the maximum of a counter', async () => {
    const max = Number.MAX_SAFE_INTEGER
    const { time, peer, session } = await openProbe('client')
    const { call } = startCall(session, 'a/b', { initialCredit: { items: max - 3, bytes: max - 5 } })
    call.grant({ items: 10, bytes: 10 })
    call.grant({ items: 10, bytes: 10 })
    await time.settle()
    expect(peer.all('credit')).toMatchObject([{ items: 3, bytes: 5 }])
  })
})

describe('a long item', () => {
  /** A call that receives long items undecoded, under a limit of 5,000 bytes for a body. */
  async function longItems(length: number) {
    const { time, peer, session } = await openProbe('client', { limits: { bodyBytesMax: 5_000 } })
    const read: unknown[] = []
    const ends: unknown[] = []
    session.call(
      { procedure: 'a/b', input: { kind: 'none' }, ...items },
      {
        item: (body: Body) => void read.push(body.kind),
        longItem: (decode, bytes) => void read.push([bytes, (decode() as Body).kind]),
        settled: (error) => void ends.push(error?.code),
      },
    )
    peer.send(item(length))
    await time.settle()
    return [read, ends]
  }

  it('is decoded when the caller reads it, and a short one on arrival', async () => {
    expect(await longItems(4_096)).toEqual([['raw'], []])
    expect(await longItems(4_097)).toEqual([[[4_097, 'raw']], []])
    expect(await longItems(5_000)).toEqual([[[5_000, 'raw']], []])
  })

  it('fails the call when it is over the limit', async () => {
    expect(await longItems(5_001)).toEqual([[], ['RESOURCE_EXHAUSTED']])
  })
})

it('a session that closes does not wait for the answer to a cancelled call', async () => {
  const { time, session } = await openProbe('client')
  startCall(session).call.cancel()
  void session.close({ graceMs: 60_000 })
  await time.settle()
  expect(session.state).toBe('closed')
})

it('the signal of a handler has the error of the connection as its cause', async () => {
  const { time, peer, recorder } = await openProbe('server')
  peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody })
  await time.settle()
  const signal = recorder.calls[0]?.signal
  peer.stream.abort(new Error('reset'))
  await time.settle()
  expect(signal?.reason).toMatchObject({ code: 'UNAVAILABLE', cause: recorder.closes[0]?.cause })
  expect(recorder.closes[0]?.cause).toBeDefined()
})
