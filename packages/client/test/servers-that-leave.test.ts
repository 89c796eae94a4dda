import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { Session } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('a server that refuses the hello', () => {
  it('because it is full is tried again after retryAfterMs, and the session is kept', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    network.server.refusal = new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 3_000 })
    const lostAtMs = network.clock.nowMs()
    await network.cut()
    const open = safe(client.ping())
    await network.clock.advance(200)
    network.server.refusal = undefined
    expect((await network.run(open)).data).toBe('server 0')
    expect(network.clock.nowMs() - lostAtMs).toBeGreaterThanOrEqual(3_000)
    expect(network.clock.nowMs() - lostAtMs).toBeLessThanOrEqual(6_200)
    expect(sessions).toEqual(['first', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('for good ends the client, whose calls fail with the refusal', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.refusal = new RpcError('UNAUTHENTICATED', 'expired')
    await network.cut()
    const { error } = await network.run(safe(client.ping()))
    expect([error?.code, client.$connection.state]).toEqual(['UNAUTHENTICATED', 'closed'])
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
    expect(network.knocks.length).toBe(2)
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a server that leaves', () => {
  it('is left for a new connection first: open calls finish on the old one, new ones use the new one', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client, states, sessions } = await connected(network)
    const [old, other] = network.servers as [PlayedNetwork['server'], PlayedNetwork['server']]
    const open = safe(client.stay())
    await network.clock.settle()
    old.session.announceEnd()
    await network.clock.settle()
    expect([client.$connection.state, await network.run(client.ping())]).toEqual(['open', 'server 0'])
    await network.clock.advance(300)
    expect([client.$connection.state, client.$connection.remoteEndpoint]).toEqual(['open', 'test:server-1'])
    expect(await network.run(client.ping())).toBe('server 1')
    old.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    await network.clock.advance(2_000)
    expect(old.gone).toEqual([expect.objectContaining({ code: 'CLOSED' })])
    expect([states, sessions, other.hellos.length]).toEqual([['open'], ['first', 'new'], 1])
    expect(await network.leftOvers(client)).toEqual([])
    expect(network.releases.sort()).toEqual(['server 0', 'server 1'])
  })

  it('at once is left, too: calls that it did not accept succeed in the next session when made again', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client, states } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    void network.server.session.close({ graceMs: 60_000 })
    const notTaken = safe(client.ping())
    const again = notTaken.then(({ ok, data }) => (ok ? data : client.ping()))
    expect(await network.run(again)).toBe('server 1')
    network.server.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    expect(states).toEqual(['open', 'reconnecting 0', 'open'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('with a retryAfterMs gets no new connection before that time', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.session.announceEnd({ retryAfterMs: 4_000 })
    await network.clock.advance(3_990)
    expect(network.knocks.length).toBe(1)
    await network.clock.advance(4_100)
    expect(network.knocks.length).toBe(2)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('and whose connection breaks before there is another one is resumed', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    network.server.session.announceEnd({ retryAfterMs: 20_000 })
    await network.clock.settle()
    await network.cut()
    await network.clock.advance(200)
    network.server.staying[0]?.respond({ kind: 'value', value: 'finished' })
    expect((await network.run(open)).data).toBe('finished')
    expect(sessions).toEqual(['first', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('and refuses the client on a new connection keeps it until it leaves', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.refusal = new RpcError('PERMISSION_DENIED', 'no longer')
    network.server.session.announceEnd()
    await network.clock.advance(5_000)
    expect([client.$connection.state, await network.run(client.ping())]).toEqual(['open', 'server 0'])
    expect(network.knocks.length).toBe(2)
    await network.run(network.server.sessions[0]!.close())
    expect(await network.run(client.$connection.closed())).toMatchObject({ code: 'HELLO_REFUSED' })
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('after it has asked clients to leave is not tried before the others', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client } = network.client()
    await network.run(client.$connection.opened())
    await network.clock.advance(11_000)
    const open = safe(client.stay())
    await network.clock.settle()
    const { session } = network.server
    session.announceEnd({ retryAfterMs: 2_000 })
    await network.clock.settle()
    void session.close({ graceMs: 1_000 })
    await network.clock.advance(30_000)
    expect(network.knocks[1]).toMatch(/^server 1/)
    expect((await network.run(open)).ok).toBe(false)
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a server that leaves during the handshake', () => {
  const ways = {
    closes: (session: Session) => void session.close({ graceMs: 0 }),
    'asks to be left': (session: Session) => session.announceEnd(),
    breaks: (session: Session) => session.abort({ code: 'ABORTED', message: 'gone' }),
  }

  it.each(Object.entries(ways))('%s: the session is resumed on the next connection', async (_way, go) => {
    const network = new PlayedNetwork()
    const { client, sessions } = await connected(network)
    let greet!: () => void
    network.server.greets = new Promise((resolve) => {
      greet = resolve
    })
    await network.cut()
    await network.clock.advance(300)
    const waits = safe(client.ping())
    go(network.server.session)
    await network.clock.settle()
    expect(client.$connection.state).toBe('reconnecting')
    network.server.greets = undefined
    greet()
    expect((await network.run(waits)).data).toBe('server 0')
    expect(sessions).toEqual(['first', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })
})
