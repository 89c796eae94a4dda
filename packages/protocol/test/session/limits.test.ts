import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { createSession, defaultSessionLimits } from '../../src/session/index.ts'
import { credit, openProbe } from '../support/raw-peer.ts'
import { connected, Recorder, raw, startCall, value } from '../support/sessions.ts'

const bytes = (length: number) => raw(new Uint8Array(length))
const rawBody = (length: number) => ({ encoding: 'raw', bytes: new Uint8Array(length) }) as const
const call = (callId: number, length: number): Envelope => ({
  kind: 'call',
  callId,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body: rawBody(length),
})
const limits = { bodyBytesMax: 1_000 }

describe('bodyBytesMax', () => {
  it.each([
    ['at the limit', 1_000, 'OK'],
    ['one over', 1_001, 'RESOURCE_EXHAUSTED'],
    ['far over', 900_000, 'RESOURCE_EXHAUSTED'],
  ])('for an input %s', async (_, length, code) => {
    const { time, client, server } = await connected({ server: { limits } })
    server.recorder.onCall = (incoming) => incoming.respond({ kind: 'none' })
    const outcome = startCall(client.session, 'a/b', { input: bytes(length) })
    await time.settle()
    expect([outcome.code, outcome.error?.maybeExecuted ?? false, client.session.state]).toEqual([
      code,
      false,
      'open',
    ])
    expect(server.recorder.calls).toHaveLength(code === 'OK' ? 1 : 0)
  })

  it.each([
    ['at the limit', 1_000, 'OK'],
    ['one over', 1_001, 'RESOURCE_EXHAUSTED'],
    ['far over', 900_000, 'RESOURCE_EXHAUSTED'],
  ])('for a result %s', async (_, length, code) => {
    const { time, client, server } = await connected({ client: { limits } })
    server.recorder.onCall = (incoming) => incoming.respond(bytes(length))
    const outcome = startCall(client.session)
    await time.settle()
    expect([outcome.code, client.session.state]).toEqual([code, 'open'])
  })

  it.each([1_001, 900_000])('is also checked by the receiver of an input of %i bytes', async (length) => {
    const { peer, time, recorder, session } = await openProbe('server', { limits })
    peer.send(call(1, 1_000), call(3, length))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 3, code: 'RESOURCE_EXHAUSTED' }])
    expect([recorder.calls.length, session.state]).toEqual([1, 'open'])
  })

  it.each(['result', 'item', 'failure'] as const)('is checked by the receiver of a %s', async (kind) => {
    const { peer, time, session } = await openProbe('client', { limits })
    const outcome = startCall(session, 'a/b', kind === 'item' ? { initialCredit: credit(1) } : {})
    const body = rawBody(1_001)
    if (kind === 'result') peer.send({ kind, callId: 1, metadata: {}, body })
    if (kind === 'item') peer.send({ kind, callId: 1, sequence: 0, body })
    if (kind === 'failure')
      peer.send({ kind, callId: 1, code: 'A', text: '', maybeExecuted: false, metadata: {}, body })
    await time.settle()
    expect([outcome.code, session.state]).toEqual(['RESOURCE_EXHAUSTED', 'open'])
  })

  it('for the data of a failure: the call fails with RESOURCE_EXHAUSTED instead', async () => {
    const { time, client, server } = await connected({ client: { limits } })
    server.recorder.onCall = (incoming) =>
      incoming.fail(new RpcError('NAME_TAKEN', 'taken', { data: 'x'.repeat(2_000) }))
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.code).toBe('RESOURCE_EXHAUSTED')
  })

  it('for an item: sendItem throws, and the call goes on', async () => {
    const { time, client, server } = await connected({ client: { limits } })
    const outcome = startCall(client.session, 'a/b', { initialCredit: credit(5) })
    await time.settle()
    const [incoming] = server.recorder.calls
    expect(() => incoming?.sendItem(bytes(1_001))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    )
    incoming?.sendItem(bytes(1_000))
    incoming?.end()
    await time.settle()
    expect([outcome.items.length, outcome.code]).toEqual([1, 'OK'])
  })

  it('for an event: emit throws, and the receiver drops and reports one that comes nevertheless', async () => {
    const { time, client, server } = await connected({ client: { limits } })
    const event = { event: 'a/b', topic: '' }
    expect(() => server.session.emit({ ...event, body: bytes(1_001) })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    )
    server.session.emit({ ...event, body: bytes(1_000) })
    await time.settle()
    expect(client.recorder.events).toHaveLength(1)
    const probe = await openProbe('client', { limits })
    probe.peer.send({ kind: 'event', ...event, metadata: {}, body: rawBody(1_001) })
    probe.peer.send({ kind: 'event', ...event, metadata: {}, body: rawBody(1_000) })
    await probe.time.advance(2_000)
    expect(probe.recorder.dropped).toMatchObject([{ event: 'a/b', topic: '' }])
    expect([probe.recorder.events.length, probe.recorder.closes]).toEqual([1, []])
  })
})

describe('callsInFlightMax', () => {
  it('makes the caller wait for a slot: ten calls, one at a time, all answered', async () => {
    const { time, client, server } = await connected({ server: { limits: { callsInFlightMax: 1 } } })
    let most = 0
    server.recorder.onCall = (incoming) => {
      most = Math.max(most, server.session.callsInFlight)
      time.setTimer(10, () => incoming.respond(value(1)))
    }
    const outcomes = Array.from({ length: 10 }, () => startCall(client.session))
    await time.advance(1_000)
    expect(outcomes.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 'OK'))
    expect(most).toBe(1)
  })

  it.each([3, 100])('refuses call %i of a peer that does not wait, and stays open', async (count) => {
    const { peer, time, recorder, session } = await openProbe('server', { limits: { callsInFlightMax: 2 } })
    for (let index = 0; index < count; index += 1) peer.send(call(1 + 2 * index, 0))
    await time.settle()
    expect([recorder.calls.length, peer.all('failure').length, session.state]).toEqual([2, count - 2, 'open'])
    expect(peer.all('failure')[0]).toMatchObject({ code: 'RESOURCE_EXHAUSTED', maybeExecuted: false })
  })
})

describe('callsQueuedMax', () => {
  it.each([
    ['at', 2, 0],
    ['one over', 3, 1],
    ['far over', 50, 48],
  ])('%s: %i calls wait and %i fail', async (_, count, failed) => {
    const { time, session } = await openProbe('client', {
      limits: { callsQueuedMax: 2 },
      peerLimits: { callsInFlightMax: 0 },
    })
    const outcomes = Array.from({ length: count }, () => startCall(session))
    expect(outcomes.every(({ code }) => code === 'PENDING')).toBe(true)
    await time.settle()
    expect(outcomes.filter(({ code }) => code === 'RESOURCE_EXHAUSTED')).toHaveLength(failed)
  })
})

describe('metadata', () => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']))

  it.each([
    ['entries at the limit', pairs(4), 'PENDING'],
    ['one entry over', pairs(5), 'RESOURCE_EXHAUSTED'],
    ['far more entries', pairs(500), 'RESOURCE_EXHAUSTED'],
    ['bytes at the limit', { key: `${'ä'.repeat(48)}x` }, 'PENDING'],
    ['one byte over', { key: 'ä'.repeat(49) }, 'RESOURCE_EXHAUSTED'],
    ['far more bytes', { key: 'x'.repeat(10_000) }, 'RESOURCE_EXHAUSTED'],
  ])('%s of what the peer announced', async (_, metadata, code) => {
    const peerLimits = { metadataEntriesMax: 4, metadataBytesMax: 100 }
    const { peer, time, session } = await openProbe('client', { peerLimits })
    const outcome = startCall(session, 'a/b', { metadata })
    await time.settle()
    expect([outcome.code, session.state]).toEqual([code, 'open'])
    expect(peer.all('call')).toHaveLength(code === 'PENDING' ? 1 : 0)
  })

  it('over the limit in a received call fails that call, and no other', async () => {
    const { peer, time, recorder } = await openProbe('server', { limits: { metadataBytesMax: 10 } })
    peer.send({ ...call(1, 0), metadata: { key: '12345678' } } as Envelope)
    peer.send({ ...call(3, 0), metadata: { key: '1234567' } } as Envelope)
    await time.advance(2_000)
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code: 'RESOURCE_EXHAUSTED' }])
    expect([recorder.calls.length, recorder.closes]).toEqual([1, []])
  })

  it('over the limit in an answer fails the call at the caller', async () => {
    const { peer, time, session } = await openProbe('client', { limits: { metadataBytesMax: 10 } })
    const outcome = startCall(session)
    peer.send({ kind: 'result', callId: 1, metadata: { key: '12345678' }, body: rawBody(1) })
    await time.settle()
    expect([outcome.code, outcome.error?.maybeExecuted, session.state]).toEqual([
      'RESOURCE_EXHAUSTED',
      true,
      'open',
    ])
  })
})

describe('the frame limit of the peer', () => {
  it('fails a call whose header does not fit', async () => {
    const { time, session } = await openProbe('client', {
      peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 4_000, metadataBytesMax: 100_000 },
    })
    const outcome = startCall(session, 'a/b', { metadata: { k: 'x'.repeat(5_000) } })
    await time.settle()
    expect([outcome.code, session.state]).toEqual(['RESOURCE_EXHAUSTED', 'open'])
  })

  it('at its minimum still has room for a failure', async () => {
    const { peer, time, recorder } = await openProbe('server', {
      peerLimits: { frameBytesMax: 4_096, bodyBytesMax: 1 },
    })
    recorder.onCall = (incoming) =>
      incoming.fail(new RpcError('A'.repeat(500), 'ü'.repeat(5_000), { data: {} }))
    peer.send(call(1, 0))
    await time.settle()
    expect(peer.all('failure')).toMatchObject([{ callId: 1, code: 'RESOURCE_EXHAUSTED' }])
  })
})

describe('the limits of a session', () => {
  const make = (limitsGiven: Partial<typeof defaultSessionLimits>) => {
    const time = createVirtualClock()
    return createSession({
      role: 'server',
      environment: time,
      handlers: new Recorder(),
      contracts: [],
      limits: limitsGiven,
    })
  }

  it.each([
    { helloTimeoutMs: 0 },
    { callsInFlightMax: -1 },
    { callsInFlightMax: 1.5 },
    { frameBytesMax: 4_095 },
    { frameBytesMax: 2 ** 30 },
    { bodyBytesMax: 5_000, bodiesPartialBytesMax: 4_999 },
    { pingsBurstMax: Number.NaN },
    { sessionMemoryBytesMax: 64 * 1_024 - 1 },
  ])('%o are refused with INVALID_LIMITS', (given) => {
    expect(() => make(given)).toThrow(expect.objectContaining({ code: 'INVALID_LIMITS' }))
  })

  it.each([
    {},
    { frameBytesMax: 4_096 },
    { frameBytesMax: 2 ** 30 - 1 },
    { heartbeatIntervalMs: 0 },
    { callsInFlightMax: 0 },
    { sessionMemoryBytesMax: 64 * 1_024 },
  ])('%o are accepted', (given) => {
    expect(make(given).state).toBe('opening')
  })

  it('are refused with INVALID_LIMITS when they cannot be read, with the error as the cause', () => {
    const cause = new Error('mine')
    const unreadable = Object.defineProperty({}, 'frameBytesMax', {
      enumerable: true,
      get() {
        throw cause
      },
    })
    expect(() => make(unreadable)).toThrow(expect.objectContaining({ code: 'INVALID_LIMITS', cause }))
  })

  it('raise bodyBytesMax with longer frames, and do not lower it with shorter ones', async () => {
    const settings = async (frameBytesMax: number) => {
      const { client } = await connected({ server: { limits: { frameBytesMax } } })
      return client.session.peer?.settings
    }
    expect(await settings(20_000_000)).toMatchObject({
      bodyBytesMax: 20_000_000,
      bodiesPartialBytesMax: 20_000_000,
    })
    expect(await settings(4_096)).toMatchObject({ bodyBytesMax: defaultSessionLimits.bodyBytesMax })
  })

  it('are announced', async () => {
    const { client } = await connected({
      server: { limits: { frameBytesMax: 200_000, callsInFlightMax: 3 } },
    })
    expect(client.session.peer?.settings).toMatchObject({ frameBytesMax: 200_000, callsInFlightMax: 3 })
  })
})
