import { describe, expect, it } from 'vitest'
import { network } from '../support/network.ts'
import { firstCall, openProbe } from '../support/raw-peer.ts'
import { connected, openSide, startCall, value } from '../support/sessions.ts'

describe('an orderly close', () => {
  it('tells the peer, waits for open calls of both directions, and ends with CLOSED', async () => {
    const { time, client, server } = await connected()
    const asked = startCall(client.session)
    const confirm = startCall(server.session, 'chat/confirm')
    await time.settle()
    const closed = server.session.close()
    await time.advance(100)
    expect([server.session.state, client.session.state, client.recorder.goaways]).toEqual([
      'draining',
      'draining',
      1,
    ])
    server.recorder.calls[0]?.respond(value('late but there'))
    client.recorder.calls[0]?.respond(value('yes'))
    await time.advance(100)
    await closed
    expect([asked.value, confirm.value]).toEqual(['late but there', 'yes'])
    expect([client, server].map(({ recorder }) => recorder.closes)).toMatchObject([
      [{ code: 'CLOSED' }],
      [{ code: 'CLOSED' }],
    ])
    expect(time.timers).toEqual([])
  })

  it('lets no side start a call afterwards: they fail unsent with UNAVAILABLE', async () => {
    const { time, client, server } = await connected()
    startCall(client.session)
    await time.settle()
    void server.session.close()
    const fromServer = startCall(server.session)
    await time.settle()
    const fromClient = startCall(client.session)
    expect(fromClient.code).toBe('PENDING')
    await time.settle()
    for (const outcome of [fromServer, fromClient]) {
      expect(outcome.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    }
  })

  it('settles calls that crossed the goaway as not executed', async () => {
    const { time, client, server } = await connected({ pair: { latencyMs: 10 } })
    const before = startCall(client.session)
    await time.advance(20)
    void server.session.close()
    const crossing = startCall(client.session)
    await time.advance(25)
    expect(crossing.error).toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: false })
    expect([before.code, server.recorder.calls.length]).toEqual(['PENDING', 1])
  })

  it('aborts open calls after graceMs: each side settles them once, maybe executed', async () => {
    const { time, client, server } = await connected()
    const asked = startCall(client.session)
    const confirm = startCall(server.session, 'chat/confirm')
    await time.settle()
    void server.session.close({ graceMs: 300 })
    await time.advance(299)
    expect([asked.code, confirm.code]).toEqual(['PENDING', 'PENDING'])
    await time.advance(2_000)
    for (const outcome of [asked, confirm]) {
      expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    }
    expect(server.recorder.calls[0]?.signal.aborted).toBe(true)
    expect(client.recorder.calls[0]?.signal.aborted).toBe(true)
    expect(time.timers).toEqual([])
  })

  it('gets a shorter grace by a further close, and never a longer one', async () => {
    const { time, client, server } = await connected()
    const asked = startCall(client.session)
    await time.settle()
    const closed = server.session.close({ graceMs: Infinity })
    void server.session.close({ graceMs: 1_000 })
    void server.session.close()
    void server.session.close({ graceMs: 60_000 })
    await expect(server.session.close({ graceMs: -1 })).rejects.toMatchObject({ code: 'INVALID_LIMITS' })
    await time.advance(999)
    expect(asked.code).toBe('PENDING')
    await time.advance(1_100)
    await closed
    expect(asked.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: true } }])
    expect(time.timers).toEqual([])
  })

  it('is the same however often it is asked for, and from both sides at once', async () => {
    const { time, client, server } = await connected()
    const closes = [client.session.close(), client.session.close(), server.session.close()]
    await time.advance(2_000)
    await Promise.all(closes)
    await client.session.close()
    expect([client.recorder.closes.length, server.recorder.closes.length]).toEqual([1, 1])
  })

  it('before the handshake settles queued calls as not executed', async () => {
    const { time, a, b } = network()
    const server = openSide('server', time, b)
    const client = openSide('client', time, a)
    const outcome = startCall(client.session)
    void client.session.close()
    await time.advance(2_000)
    expect(outcome.settlements).toMatchObject([{ error: { code: 'UNAVAILABLE', maybeExecuted: false } }])
    expect(client.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(server.recorder.closes).toHaveLength(1)
    expect(time.timers).toEqual([])
  })

  it('still answers pings while calls are open', async () => {
    const { peer, time, session } = await openProbe('server', { limits: { heartbeatIntervalMs: 0 } })
    peer.send(firstCall)
    await time.settle()
    void session.close({ graceMs: 60_000 })
    peer.send({ kind: 'ping', token: 9 })
    await time.settle()
    expect(peer.kinds).toEqual(['goaway', 'pong'])
  })

  it('waits for a slow reader that keeps reading, within the grace', async () => {
    const { time, client, server } = await connected({
      pair: { windowBytes: 1_000, chunking: { bytes: 1_000 }, latencyMs: 50 },
    })
    const outcome = startCall(client.session)
    await time.advance(200)
    server.recorder.calls[0]?.respond(value('x'.repeat(50_000)))
    void server.session.close({ graceMs: 10_000 })
    await time.advance(9_000)
    expect(outcome.value).toHaveLength(50_000)
    expect(client.recorder.closes).toMatchObject([{ code: 'CLOSED' }])
  })

  it('cuts a peer that never ends, after closeLingerMs', async () => {
    const { peer, time, session, recorder } = await openProbe('server')
    peer.stream.pause()
    void session.close()
    await time.advance(999)
    expect(recorder.closes).toEqual([])
    await time.advance(2)
    expect(recorder.closes).toMatchObject([{ code: 'CLOSED' }])
    expect(time.timers).toEqual([])
  })
})
