import { type CredentialsFacts, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { PlayedNetwork } from './support/played-network.ts'

const value = (content: unknown) => ({ kind: 'value', value: content })
const shown = (network: PlayedNetwork) =>
  network.servers.flatMap(({ hellos }) => hellos.map(({ auth }) => auth))

/** A client that has lost its connection, and does not get another one yet. */
async function cutOff(options: Parameters<PlayedNetwork['client']>[0]) {
  const network = new PlayedNetwork()
  const made = network.client(options)
  await network.run(made.client.$connection.opened())
  await network.clock.advance(11_000)
  network.server.mode = 'down'
  await network.cut()
  await network.clock.advance(1_000)
  return { network, ...made }
}

describe('credentials that are renewed without a connection', () => {
  it('are those of the next hello, and count from then on', async () => {
    const { network, client, sessions } = await cutOff({ auth: 'old' })
    const renewed = client.$connection.renewAuth('new')
    network.server.mode = 'up'
    await network.run(renewed)
    expect(client.$connection.state).toBe('open')
    await network.cut()
    await network.run(client.ping())
    expect(shown(network)).toEqual(['old', 'new', 'new'].map(value))
    expect(sessions).toEqual(['first', 'resumed', 'resumed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('keep a client whose old ones have expired meanwhile', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = client.$connection.renewAuth('new')
    network.server.refuses = ({ auth }) =>
      auth.kind === 'value' && auth.value === 'old' ? new RpcError('UNAUTHENTICATED', 'expired') : undefined
    network.server.mode = 'up'
    await network.run(renewed)
    expect(await network.run(client.ping())).toBe('server 0')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('that the server refuses are not shown again: those of before count on', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = safe(client.$connection.renewAuth('wrong'))
    network.server.refuses = ({ auth }) =>
      auth.kind === 'value' && auth.value === 'wrong' ? new RpcError('UNAUTHENTICATED', 'no') : undefined
    network.server.mode = 'up'
    expect((await network.run(renewed)).error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'no' })
    expect(await network.run(client.ping())).toBe('server 0')
    expect(shown(network)).toEqual(['old', 'wrong', 'old'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('are the last ones of several, with which all of them settle', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = Promise.all(['1', '2', '3'].map((auth) => client.$connection.renewAuth(auth)))
    network.server.mode = 'up'
    await network.run(renewed)
    expect([shown(network), network.server.renewed]).toEqual([['old', '3'].map(value), []])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('are asked for anew by the attempt, where auth is a function', async () => {
    const facts: CredentialsFacts[] = []
    const auth = (asked: CredentialsFacts) => facts.push(asked)
    const { network, client } = await cutOff({ auth })
    const renewed = client.$connection.renewAuth()
    network.server.mode = 'up'
    await network.run(renewed)
    expect(new Set(facts.map(({ reason }) => reason))).toEqual(new Set(['connect']))
    expect(shown(network)).toEqual([value(1), value(facts.length)])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('are given on the connection, when its hello was on its way', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    let letIn = () => {}
    network.server.greets = new Promise((resolve) => {
      letIn = resolve
    })
    network.server.mode = 'up'
    await network.clock.advance(6_000)
    expect([shown(network), client.$connection.state]).toEqual([['old', 'old'].map(value), 'reconnecting'])
    const renewed = client.$connection.renewAuth('new')
    letIn()
    await network.run(renewed)
    expect(network.server.renewed).toEqual([value('new')])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('reject when the client ends, and when they cannot be sent', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = safe(client.$connection.renewAuth('new'))
    const unsendable = await network.run(safe(client.$connection.renewAuth(5n)))
    expect(unsendable.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const tooLong = await network.run(safe(client.$connection.renewAuth('x'.repeat(65_536))))
    expect(tooLong.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    await network.run(client.$close())
    expect((await network.run(renewed)).error).toMatchObject({ code: 'UNAVAILABLE' })
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a connection that is cut while credentials are decided on', () => {
  it('does not lose them: the next hello shows them', async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: 'old' })
    await network.run(client.$connection.opened())
    network.server.decides = () => new Promise(() => undefined)
    const renewed = client.$connection.renewAuth('new')
    await network.clock.settle()
    expect(network.server.renewed).toEqual([value('new')])
    await network.cut()
    await network.run(renewed)
    expect(shown(network)).toEqual(['old', 'new'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a client that moves to another server while its credentials are renewed', () => {
  it.each(['before', 'after'] as const)('gives them there, too: taken %s the move', async (when) => {
    const network = new PlayedNetwork({ count: 2 })
    const [old, other] = network.servers as [PlayedNetwork['server'], PlayedNetwork['server']]
    const { client } = network.client({ auth: 'old' })
    await network.run(client.$connection.opened())
    let letIn = () => {}
    other.greets = new Promise((resolve) => {
      letIn = resolve
    })
    let decide = () => {}
    old.decides = () =>
      new Promise((resolve) => {
        decide = resolve
      })
    old.session.announceEnd()
    await network.clock.advance(300)
    expect(other.hellos).toHaveLength(1)
    const renewed = client.$connection.renewAuth('new')
    await network.clock.settle()
    for (const next of when === 'before' ? [decide, letIn] : [letIn, decide]) {
      next()
      await network.clock.settle()
    }
    await network.run(renewed)
    expect([old.renewed, other.renewed]).toEqual([[value('new')], [value('new')]])
    expect(await network.leftOvers(client)).toEqual([])
  })
})
