import { FramingError } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { ProtocolError, RpcError } from '../../src/index.ts'
import type { OutgoingCallOptions } from '../../src/session/index.ts'
import { network } from '../support/network.ts'
import { firstCall, json, openProbe, probe, RawPeer, welcome } from '../support/raw-peer.ts'
import { openSide, raw, startCall } from '../support/sessions.ts'

/** Settings of a peer: frames of 4,096 bytes, bodies of 4,000, and metadata of 2 pairs and 50,000 bytes at most. */
const short: (readonly [number, number])[] = [
  [1, 4_096],
  [2, 4_000],
  [5, 2],
  [6, 50_000],
]

describe('a call that was made before the handshake and exceeds a limit', () => {
  it.each<[string, Partial<OutgoingCallOptions>]>([
    ['its input', { input: raw(new Uint8Array(4_001)) }],
    ['its metadata', { metadata: { a: '', b: '', c: '' } }],
    ['the fields before its input', { metadata: { k: 'x'.repeat(5_000) } }],
  ])('of the peer with %s fails as not executed, and later calls are sent', async (_, options) => {
    const { time, peer, session } = probe('client')
    const first = startCall(session, 'a/b')
    const long = startCall(session, 'a/b', options)
    const last = startCall(session, 'a/b')
    await time.settle()
    expect(long.code).toBe('PENDING')
    peer.send({ ...welcome, settings: short })
    await time.settle()
    expect(long.settlements).toMatchObject([{ error: { code: 'RESOURCE_EXHAUSTED', maybeExecuted: false } }])
    expect(peer.all('call').map(({ callId }) => callId)).toEqual([1, 5])
    peer.send({ kind: 'result', callId: 5, metadata: {}, body: json('1') })
    await time.settle()
    expect([first.code, last.code, session.stats().memory.waitingBytes]).toEqual(['PENDING', 'OK', 0])
  })

  it('frees its place for queued calls, before one that is made when it fails', async () => {
    const { time, peer, session } = probe('client')
    session.call(
      { procedure: 'a/b', input: raw(new Uint8Array(4_001)) },
      { item: () => undefined, settled: () => void startCall(session, 'a/late') },
    )
    startCall(session, 'a/early')
    peer.send({ ...welcome, settings: short })
    await time.settle()
    expect(peer.all('call').map(({ procedure }) => procedure)).toEqual(['a/early', 'a/late'])
  })

  it('fails together with as many others as may be queued, each once', async () => {
    const { time, peer, session } = probe('client', {
      limits: { callsQueuedMax: 5_000, callBytesQueuedMax: 2 ** 30 },
    })
    const input = raw(new Uint8Array(4_001))
    const calls = Array.from({ length: 5_000 }, () => startCall(session, 'a/b', { input }))
    peer.send({ ...welcome, settings: short })
    await time.settle()
    expect(new Set(calls.map(({ settlements }) => settlements.length))).toEqual(new Set([1]))
    expect([session.state, session.callsInFlight, peer.all('call')]).toEqual(['open', 0, []])
  })
})

it.each([
  { items: -1, bytes: 1 },
  { items: 1, bytes: -1 },
  { items: 1.5, bytes: 1 },
  { items: 1, bytes: Number.NaN },
])('a call with a credit of %j fails before it waits for the handshake', async (initialCredit) => {
  const { session } = probe('client')
  const call = startCall(session, 'a/b', { initialCredit })
  for (let turn = 0; turn < 3; turn += 1) await Promise.resolve()
  expect(call.error).toMatchObject({ code: 'INVALID_ARGUMENT', maybeExecuted: false })
})

it.each([0, 1])('a call that expired %i ms before it could be sent is not sent', async (ms) => {
  const { time, a, b } = network()
  let aheadMs = 0
  const environment = {
    nowMs: () => time.nowMs() + aheadMs,
    // No timer fires, as in a blocked event loop.
    setTimer: () => ({ cancel() {} }),
    random: () => 1,
  }
  const { session } = openSide('client', environment, a)
  const peer = new RawPeer(b)
  const call = startCall(session, 'a/b', { deadlineMs: 1_000 })
  aheadMs = 1_000 + ms
  peer.send(welcome)
  await time.settle()
  expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', maybeExecuted: false })
  expect(peer.all('call')).toEqual([])
  session.abort({ code: 'ABORTED', message: 'the test is over' })
  await time.settle()
})

describe('the failure of an unsent call gives the reason', () => {
  it('when the server refused the hello with a code of its own, which is in the cause, with its data', async () => {
    const { time, peer, session } = probe('client')
    const call = startCall(session)
    peer.send({ kind: 'refused', code: 'TENANT_GONE', text: 'no', metadata: {}, body: json('7') })
    await time.advance(2_000)
    const { code, message, maybeExecuted, cause } = call.error ?? {}
    expect([code, maybeExecuted]).toEqual(['UNKNOWN', false])
    expect(message).toContain('TENANT_GONE: no')
    expect(RpcError.is(cause) && [cause.code, cause.data]).toEqual(['TENANT_GONE', 7])
  })

  it('when a stranger answers, in the words of the close reason', async () => {
    const { time, peer, session, recorder } = probe('client')
    const call = startCall(session)
    peer.sendBytes('HTTP/1.1 400 Bad Request\r\n\r\n')
    await time.advance(2_000)
    expect(call.error?.message).toBe(recorder.closes[0]?.message)
  })

  it('when the connection is lost, with the code of the close', async () => {
    const { time, peer, session, recorder } = probe('client')
    const call = startCall(session)
    peer.stream.end()
    await time.advance(2_000)
    expect(call.error?.message).toContain(`(CONNECTION_LOST): ${recorder.closes[0]?.message}`)
  })

  it.each(['opening', 'open'])(
    'when this side closes in order: the closing party, while it is %s',
    async (state) => {
      const { time, peer, session } = probe('client')
      if (state === 'open') peer.send({ ...welcome, settings: [[4, 0]] })
      await time.settle()
      expect(session.state).toBe(state)
      const call = startCall(session)
      void session.close({ closedBy: 'the program stops' })
      await time.advance(2_000)
      expect(call.error).toMatchObject({
        code: 'UNAVAILABLE',
        message: 'the program stops: the call was not sent',
      })
    },
  )
})

it('the failure of a call that is aborted after the grace names the party that closed', async () => {
  const { time, session } = await openProbe('client')
  const call = startCall(session)
  void session.close({ graceMs: 100, closedBy: 'the program stops' })
  await time.advance(2_000)
  expect(call.error).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'the program stops before the call ended',
    maybeExecuted: true,
  })
})

it('the signal of a handler that is aborted after the grace marks its call as maybe executed', async () => {
  const { time, peer, session, recorder } = await openProbe('server')
  peer.send(firstCall)
  await time.settle()
  const signal = recorder.calls[0]?.signal
  void session.close({ graceMs: 100 })
  await time.advance(100)
  expect(signal?.reason).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
})

describe('a body or an error that cannot be sent', () => {
  const unreadable = {
    get member() {
      throw new Error('password=secret')
    },
  }

  it('as an input fails its call with the reason, and the error as the cause', async () => {
    const { session, time } = await openProbe('client')
    const call = startCall(session, 'a/b', { input: { kind: 'value', value: unreadable } })
    await time.settle()
    expect(call.error?.message).toContain('password=secret')
    expect(ProtocolError.is(call.error?.cause)).toBe(true)
  })

  it('as a result fails its call, and does not show the reason to the peer', async () => {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = (call) => call.respond({ kind: 'value', value: unreadable })
    peer.send(firstCall)
    await time.settle()
    expect(peer.all('failure')).toMatchObject([
      { code: 'INTERNAL', text: expect.stringContaining('no valid form') },
    ])
    expect(JSON.stringify(peer.received)).not.toContain('secret')
  })

  it('because the frames of the peer are too short has the error of the channel as the cause', async () => {
    const { session, time } = await openProbe('client', {
      peerLimits: { frameBytesMax: 4_096, metadataBytesMax: 100_000 },
    })
    const call = startCall(session, 'a/b', { metadata: { k: 'x'.repeat(5_000) } })
    await time.settle()
    expect(FramingError.is(call.error?.cause) && call.error.cause.code).toBe('FRAME_TOO_LONG')
  })

  it('with an empty code is sent with UNKNOWN', async () => {
    const { peer, time, recorder } = await openProbe('server')
    const error = Object.defineProperty(new RpcError('NOT_FOUND', 'none'), 'code', { value: '' })
    recorder.onCall = (call) => call.fail(error)
    peer.send(firstCall)
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ code: 'UNKNOWN', text: 'none' }])
  })
})
