import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Envelope, type EnvelopeBody, encodeEnvelope } from '../../src/envelope/index.ts'
import { RpcError } from '../../src/index.ts'
import { credit, hello, json, noBody, openProbe, probe, welcome } from '../support/raw-peer.ts'
import { connected, type Outcome, Recorder, startCall, value } from '../support/sessions.ts'
import { bytesOf, concat, envelopeOf, golden, hostile } from '../support/vectors.ts'

const call = (callId: number, body: EnvelopeBody = noBody): Envelope => ({
  kind: 'call',
  callId,
  procedure: 'a/b',
  upload: false,
  metadata: {},
  body,
})

describe('a callback that throws', () => {
  it('in call fails that call with INTERNAL without the reason, and is reported', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = () => {
      throw new Error('password=secret')
    }
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.error).toMatchObject({ code: 'INTERNAL', message: 'the handler failed' })
    expect(server.recorder.uncaughtErrors).toHaveLength(1)
    expect(server.session.state).toBe('open')
  })

  it('in event, item and settled is reported, and the session continues', async () => {
    const { time, client, server } = await connected()
    const boom = () => {
      throw new Error('boom')
    }
    client.recorder.onEvent = boom
    server.recorder.onCall = (incoming) => {
      incoming.sendItem(value(1))
      incoming.end()
    }
    server.session.emit({ event: 'a/b', topic: '', body: value(1) })
    client.session.call(
      { procedure: 'a/b', input: { kind: 'none' }, initialCredit: credit(1) },
      { item: boom, settled: boom },
    )
    await time.settle()
    const after = startCall(client.session, 'a/b', { initialCredit: credit(1) })
    await time.settle()
    expect([after.code, client.recorder.uncaughtErrors.length]).toEqual(['OK', 3])
  })
})

describe('a callback that acts on its own session', () => {
  it('may abort it inside of call, and later frames of the chunk are not handled', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    recorder.onCall = () => session.abort({ code: 'ABORTED', message: 'enough' })
    peer.send(call(1), call(3))
    await time.settle()
    expect([recorder.calls.length, recorder.closes.length, time.timers]).toEqual([1, 1, []])
  })

  it('may close it inside of settled', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (incoming) => incoming.respond(value(1))
    client.session.call(
      { procedure: 'a/b', input: { kind: 'none' } },
      { item: () => {}, settled: () => void client.session.close() },
    )
    await time.advance(2_000)
    expect(client.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(time.timers).toEqual([])
  })

  it.each(['client', 'server'] as const)('may make a call inside of opened of a %s', async (role) => {
    const recorder = new Recorder()
    const { peer, time, session } = probe(role, {}, {}, recorder)
    const outcomes: Outcome[] = []
    recorder.onOpened = () => void outcomes.push(startCall(session))
    peer.send(role === 'client' ? welcome : hello)
    await time.settle()
    const [sent] = peer.all('call')
    expect(sent).toMatchObject({ procedure: 'chat/join' })
    peer.send({ kind: 'result', callId: sent?.callId ?? 0, metadata: {}, body: json('7') })
    await time.settle()
    expect([outcomes.map(({ value }) => value), session.state]).toEqual([[7], 'open'])
  })

  it('may answer a call twice, without effect', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    recorder.onCall = (incoming) => {
      incoming.respond(value(1))
      incoming.respond(value(2))
      incoming.fail(new RpcError('INTERNAL', 'late'))
      incoming.end()
    }
    peer.send(call(1))
    await time.settle()
    expect(peer.received).toMatchObject([{ kind: 'result', body: json('1') }])
    expect(session.state).toBe('open')
  })
})

describe('a bad body', () => {
  it.each([
    ['not JSON', '{'],
    ['no bytes', ''],
    ['a key __proto__', '{"__proto__":{"admin":true}}'],
  ])('of %s in a call fails that call with INVALID_ARGUMENT and nothing else', async (_, text) => {
    const { peer, time, recorder, session } = await openProbe('server')
    recorder.onCall = (incoming) => incoming.respond(value('ok'))
    peer.send(call(1, json(text)), call(3, json('1')))
    await time.settle()
    expect(peer.received).toMatchObject([
      { kind: 'failure', callId: 1, code: 'INVALID_ARGUMENT' },
      { kind: 'result', callId: 3 },
    ])
    expect([recorder.calls.length, session.state]).toEqual([1, 'open'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('in a result fails that call with INTERNAL and nothing else', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session)
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: json('{') })
    await time.settle()
    expect([outcome.code, session.state]).toEqual(['INTERNAL', 'open'])
  })

  it('in an event is dropped and reported, because there is no call to fail', async () => {
    const { peer, time, recorder } = await openProbe('client')
    peer.send({ kind: 'event', event: 'a/b', topic: '', metadata: {}, body: json('{') })
    await time.advance(2_000)
    expect(recorder.dropped).toMatchObject([{ event: 'a/b', topic: '' }])
    expect([recorder.events, recorder.closes]).toEqual([[], []])
  })

  it('of an outgoing input or result fails its call', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (incoming) => incoming.respond(value(1n))
    const unsendableInput = startCall(client.session, 'a/b', { input: value(1n) })
    const unsendableResult = startCall(client.session)
    await time.settle()
    expect([unsendableInput.code, unsendableResult.code]).toEqual(['INVALID_ARGUMENT', 'INTERNAL'])
  })

  it('of an outgoing item or event throws', async () => {
    const { time, client, server } = await connected()
    startCall(client.session, 'a/b', { initialCredit: credit(1) })
    await time.settle()
    expect(() => server.recorder.calls[0]?.sendItem(value(1n))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    )
    expect(() => server.session.emit({ event: 'a/b', topic: '', body: value(1n) })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  it('or an invalid name of an outgoing call fails the call', async () => {
    const { time, client } = await connected()
    const outcomes = ['', 'x'.repeat(1_025), 'a\ud800'].map((procedure) =>
      startCall(client.session, procedure),
    )
    await time.settle()
    expect(outcomes.map(({ code }) => code)).toEqual([
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
    ])
  })
})

describe('unsupported or invalid use', () => {
  it('of subscriptions is refused, and not ignored', async () => {
    const { peer, time, recorder, session } = await openProbe('server')
    peer.send(
      { kind: 'subscribe', callId: 3, event: 'a/b', topic: '', metadata: {} },
      { kind: 'unsubscribe', callId: 5, event: 'a/b', topic: '' },
    )
    await time.settle()
    expect(peer.all('failure').map(({ callId, code }) => [callId, code])).toEqual([
      [3, 'UNIMPLEMENTED'],
      [5, 'UNIMPLEMENTED'],
    ])
    expect([recorder.calls.length, session.state]).toEqual([0, 'open'])
  })

  it.each<[string, Envelope]>([
    ['an item', { kind: 'item', callId: 1, sequence: 0, body: json('1') }],
    ['an end', { kind: 'end', callId: 1, metadata: {} }],
  ])('is a violation: %s of the peer for its own open call without an upload', async (_, envelope) => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send(call(1), envelope)
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([
      { code: 'PROTOCOL_VIOLATION', message: `an ${envelope.kind} for call 1, which takes none` },
    ])
  })

  it.each<[string, Envelope]>([
    ['an item', { kind: 'item', callId: 1, sequence: 0, body: json('1') }],
    ['an end', { kind: 'end', callId: 1, metadata: {} }],
  ])('is ignored: %s of the peer for its own call that has ended', async (_, envelope) => {
    const { peer, time, recorder, session } = await openProbe('server')
    recorder.onCall = (incoming) => incoming.respond(value(1))
    peer.send(call(1))
    await time.settle()
    peer.send(envelope)
    await time.settle()
    expect([session.state, peer.kinds]).toEqual(['open', ['result']])
  })

  it('is a violation: credit for a call that asked for no items', async () => {
    const { peer, time, recorder } = await openProbe('server')
    peer.send(call(1), { kind: 'credit', callId: 1, items: 1, bytes: 0 })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })
})

describe('arbitrary bytes', () => {
  const payloads = [
    ...golden.map(({ fields }) => {
      const { header, body } = encodeEnvelope(envelopeOf(fields))
      return concat([header, body])
    }),
    ...hostile.map(({ hex }) => bytesOf(hex)),
  ]

  it.each(['client', 'server'] as const)(
    'never break a %s: it ends once, with a reason, and holds no timer',
    async (role) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...payloads), { maxLength: 6 }),
          fc.integer({ min: 1, max: 50 }),
          fc.boolean(),
          async (frames, bytes, peerCalls) => {
            const { peer, time, recorder, session } = await openProbe(role, {}, { chunking: { bytes } })
            const outcomes = [startCall(session), startCall(session, 'a/b', { initialCredit: credit(3) })]
            if (peerCalls) peer.send(call(role === 'server' ? 1 : 2))
            for (const frame of frames) peer.sendFrame(frame)
            await time.advance(10)
            peer.stream.end()
            await time.advance(20_000)
            expect(recorder.closes).toHaveLength(1)
            expect(outcomes.map(({ settlements }) => settlements.length)).toEqual([1, 1])
            if (peerCalls) expect(recorder.calls).not.toEqual([])
            for (const { signal } of recorder.calls) expect(signal.aborted).toBe(true)
            expect([session.state, session.callsInFlight, time.timers]).toEqual(['closed', 0, []])
          },
        ),
        { numRuns: 150 },
      )
    },
  )
})
