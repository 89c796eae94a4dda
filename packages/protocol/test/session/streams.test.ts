import { describe, expect, it } from 'vitest'
import type { Body } from '../../src/envelope/index.ts'
import type { RpcError } from '../../src/index.ts'
import type { IncomingCall } from '../../src/session/index.ts'
import { credit, json, openProbe } from '../support/raw-peer.ts'
import { connected, startCall, value } from '../support/sessions.ts'

/** A JSON text of `bytes` bytes. */
const text = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2))

/** Sends `count` items as credit allows. */
async function produce(call: IncomingCall, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await call.ready()
    call.sendItem(value(index))
  }
  call.end()
}

describe('a stream of items', () => {
  it('arrives in order and ends', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => void produce(call, 3)
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(10) })
    await time.settle()
    expect(outcome.items).toEqual([value(0), value(1), value(2)])
    expect(outcome.settlements).toEqual([{ error: undefined, body: { kind: 'none' } }])
  })

  it('may be empty', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.end()
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(0) })
    await time.settle()
    expect([outcome.code, outcome.items]).toEqual(['OK', []])
  })

  it('stops at its credit and continues with the next grant', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => void produce(call, 10)
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(2) })
    await time.settle()
    expect(outcome.items).toHaveLength(2)
    outcome.call.grant(credit(3))
    await time.settle()
    expect(outcome.items).toHaveLength(5)
    outcome.call.grant(credit(100))
    await time.settle()
    expect([outcome.items.length, outcome.code]).toEqual([10, 'OK'])
  })

  it('includes credit that was granted before the call was sent', async () => {
    const { peer, time, session } = await openProbe('client', { peerLimits: { callsInFlightMax: 1 } })
    startCall(session)
    const second = startCall(session, 'chat/history', { initialCredit: credit(1) })
    second.call.grant(credit(4))
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: json('1') })
    await time.settle()
    expect(peer.all('call')[1]).toMatchObject({ callId: 3, credit: { items: 5 } })
    expect(peer.all('credit')).toEqual([])
  })

  it('makes the producer wait while the connection is over its watermark', async () => {
    const { time, client, server } = await connected({
      pair: { windowBytes: 1000, highWatermarkBytes: 4000, lowWatermarkBytes: 1000 },
    })
    const sizes: number[] = []
    server.recorder.onCall = async (call) => {
      for (let index = 0; index < 100; index += 1) {
        await call.ready()
        call.sendItem(value('x'.repeat(500)))
        sizes.push(server.stream.queuedBytes)
      }
      call.end()
    }
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(1000) })
    await time.settle()
    expect([outcome.items.length, outcome.code]).toEqual([100, 'OK'])
    expect(Math.max(...sizes)).toBeLessThan(6000)
  })

  it('refuses an item without credit, and an item of a call that asked for a result', async () => {
    const { time, client, server } = await connected()
    startCall(client.session, 'chat/history', { initialCredit: credit(0) })
    startCall(client.session, 'chat/join')
    await time.settle()
    const [history, join] = server.recorder.calls
    expect(() => history?.sendItem(value(1))).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION' }),
    )
    expect(() => join?.sendItem(value(1))).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }))
    await expect(join?.ready()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' })
  })

  it('releases a waiting producer when the call is answered elsewhere', async () => {
    const { time, client, server } = await connected()
    startCall(client.session, 'chat/history', { initialCredit: credit(0) })
    await time.settle()
    const [call] = server.recorder.calls
    const waiting = call?.ready()
    call?.end()
    await expect(waiting).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' })
  })

  it('fails when its handler answers with a result', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.respond(value('done'))
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(1) })
    await time.settle()
    expect([outcome.code, client.session.state]).toEqual(['INTERNAL', 'open'])
  })

  it('ends the session when it gets a result, because it asked for items', async () => {
    const { peer, time, session, recorder } = await openProbe('client')
    startCall(session, 'chat/history', { initialCredit: credit(1) })
    peer.send({ kind: 'result', callId: 1, metadata: {}, body: json('1') })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
  })

  it('fails a call for a result when its handler ends it as a stream', async () => {
    const { time, client, server } = await connected()
    server.recorder.onCall = (call) => call.end()
    const outcome = startCall(client.session)
    await time.settle()
    expect(outcome.code).toBe('INTERNAL')
  })

  it.each([
    ['items beyond the credit', [0, 1, 2], 'PROTOCOL_VIOLATION'],
    ['repeated items', [0, 0], 'PROTOCOL_VIOLATION'],
    ['items with a gap', [1], 'PROTOCOL_VIOLATION'],
  ])('%s end the session', async (_, sequences, code) => {
    const { peer, time, session, recorder } = await openProbe('client')
    const outcome = startCall(session, 'chat/history', { initialCredit: credit(2) })
    for (const sequence of sequences) peer.send({ kind: 'item', callId: 1, sequence, body: json('1') })
    await time.advance(2_000)
    expect(recorder.closes).toMatchObject([{ code }])
    expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
  })

  it.each(['item', 'end'] as const)(
    'an %s for a call that asked for a result ends the session',
    async (kind) => {
      const { peer, time, session, recorder } = await openProbe('client')
      startCall(session)
      peer.send(
        kind === 'item'
          ? { kind, callId: 1, sequence: 0, body: json('1') }
          : { kind, callId: 1, metadata: {} },
      )
      await time.advance(2_000)
      expect(recorder.closes).toMatchObject([{ code: 'PROTOCOL_VIOLATION' }])
    },
  )

  it('keeps long items undecoded until they are read, for a caller that asks for that', async () => {
    const { peer, time, session } = await openProbe('client')
    const short: number[] = []
    const long: (() => Body | RpcError)[] = []
    const call = session.call(
      { procedure: 'a/b', input: { kind: 'none' }, initialCredit: credit(4) },
      {
        item: (_, bytes) => void short.push(bytes),
        longItem: (read) => void long.push(read),
        settled: () => undefined,
      },
    )
    const bodies = [json(text(4_096)), json(text(4_097)), json(`${text(5_000)},`), json(text(6_000))]
    peer.send(...bodies.map((body, sequence) => ({ kind: 'item', callId: 1, sequence, body }) as const))
    await time.settle()
    expect([short, long.length, session.state]).toEqual([[4_096], 3, 'open'])
    expect(long.map((read) => read())).toMatchObject([
      { kind: 'value', value: 'x'.repeat(4_095) },
      { code: 'INTERNAL', maybeExecuted: true },
      { kind: 'value', value: 'x'.repeat(5_998) },
    ])
    call.cancel()
  })

  it('fails when an item is not JSON, cancels its producer, and the session continues', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session, 'chat/history', { initialCredit: credit(2) })
    peer.send({ kind: 'item', callId: 1, sequence: 0, body: json('{') })
    await time.settle()
    expect(outcome.code).toBe('INTERNAL')
    expect(peer.all('cancel')).toMatchObject([{ callId: 1, code: 'INTERNAL' }])
    expect(session.state).toBe('open')
  })

  it('ignores grants of nothing and of invalid numbers', async () => {
    const { peer, time, session } = await openProbe('client')
    const outcome = startCall(session, 'chat/history', { initialCredit: credit(1) })
    for (const amount of [0, -1, 1.5, Number.NaN]) outcome.call.grant({ items: amount, bytes: amount })
    await time.settle()
    expect(peer.all('credit')).toEqual([])
  })

  it('refuses an invalid credit', async () => {
    const { time, client } = await connected()
    const outcome = startCall(client.session, 'chat/history', { initialCredit: credit(-1) })
    await time.settle()
    expect(outcome.code).toBe('INVALID_ARGUMENT')
  })
})
