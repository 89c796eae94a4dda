import { type CredentialsFacts, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { PlayedNetwork } from './support/played-network.ts'

const value = (content: unknown) => ({ kind: 'value', value: content })
const shown = (network: PlayedNetwork) =>
  network.servers.flatMap(({ hellos }) => hellos.map(({ auth }) => auth))

/** A client that has lost its connection and cannot connect yet. */
async function cutOff(options: Parameters<PlayedNetwork['client']>[0], { resumeBytes = 65_536 } = {}) {
  const network = new PlayedNetwork({ resumeBytes })
  const made = network.client(options)
  await network.run(made.client.$connection.opened())
  await network.clock.advance(11_000)
  network.server.mode = 'down'
  await network.cut()
  await network.clock.advance(1_000)
  return { network, ...made }
}

describe('credentials that are renewed without a connection', () => {
  it('are sent in the next hello, and used from then on', async () => {
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

  it('keep a client connected whose old ones have expired meanwhile', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = client.$connection.renewAuth('new')
    network.server.refuses = ({ auth }) =>
      auth.kind === 'value' && auth.value === 'old' ? new RpcError('UNAUTHENTICATED', 'expired') : undefined
    network.server.mode = 'up'
    await network.run(renewed)
    expect(await network.run(client.ping())).toBe('server 0')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('are not sent again if the server refuses them: the previous ones stay in use', async () => {
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

  it('are the last of several, and all renewals settle with their result', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = Promise.all(['1', '2', '3'].map((auth) => client.$connection.renewAuth(auth)))
    network.server.mode = 'up'
    await network.run(renewed)
    expect([shown(network), network.server.renewed]).toEqual([['old', '3'].map(value), [value('3')]])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('are requested again by the attempt if auth is a function', async () => {
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

  it('are sent on the open connection if its hello was sent before', async () => {
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

  it('reject when the client closes, and when they cannot be sent', async () => {
    const { network, client } = await cutOff({ auth: 'old' })
    const renewed = safe(client.$connection.renewAuth('new'))
    const unsendable = await network.run(safe(client.$connection.renewAuth(5n as never)))
    expect(unsendable.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const tooLong = await network.run(safe(client.$connection.renewAuth('x'.repeat(65_536))))
    expect(tooLong.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    await network.run(client.$close())
    expect((await network.run(renewed)).error).toMatchObject({ code: 'UNAVAILABLE' })
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('renewals of one outage', () => {
  const refuses =
    (...wrong: unknown[]) =>
    ({ auth }: { readonly auth: Body }) =>
      auth.kind === 'value' && wrong.includes(auth.value)
        ? new RpcError('UNAUTHENTICATED', `no ${auth.value}`)
        : undefined
  const outcome = ({ ok, error }: { readonly ok: boolean; readonly error?: unknown }) =>
    ok ? 'taken' : (error as RpcError).message

  describe.each([
    ['that continues after an outage', 65_536],
    ['that a new session replaces after an outage', 0],
  ])('in a session %s', (_, resumeBytes) => {
    it.each([
      { given: ['wrong', '2', '3'], shows: ['3'], outcomes: ['taken', 'taken', 'taken'] },
      { given: ['1', '2', 'wrong'], shows: ['wrong', '2'], outcomes: ['taken', 'taken', 'no wrong'] },
      { given: ['1', 'wrong', '3'], shows: ['3'], outcomes: ['taken', 'taken', 'taken'] },
      {
        given: ['1', 'wrong', 'bad'],
        shows: ['bad', 'wrong', '1'],
        outcomes: ['taken', 'no wrong', 'no bad'],
      },
      { given: ['wrong', 'bad'], shows: ['bad', 'wrong', 'old'], outcomes: ['no wrong', 'no bad'] },
    ])('settle $given as $outcomes', async ({ given, shows, outcomes }) => {
      const { network, client } = await cutOff({ auth: 'old' }, { resumeBytes })
      const renewed = given.map((auth) => safe(client.$connection.renewAuth(auth)))
      network.server.refuses = refuses('wrong', 'bad')
      network.server.mode = 'up'
      expect((await network.run(Promise.all(renewed))).map(outcome)).toEqual(outcomes)
      await network.run(client.ping())
      expect(shown(network)).toEqual(['old', ...shows].map(value))
      expect(await network.leftOvers(client)).toEqual([])
    })
  })

  it('keep their order if one was under way when the connection was lost', async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: 'old' })
    await network.run(client.$connection.opened())
    network.server.decides = () => new Promise(() => undefined)
    const first = safe(client.$connection.renewAuth('wrong'))
    await network.clock.settle()
    network.server.decides = async () => undefined
    network.server.refuses = refuses('wrong')
    await network.cut()
    const second = safe(client.$connection.renewAuth('3'))
    expect((await network.run(Promise.all([first, second]))).map(outcome)).toEqual(['taken', 'taken'])
    expect(shown(network)).toEqual(['old', '3'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('with and without an argument settle in the order of their calls', async () => {
    const { network, client } = await cutOff({ auth: () => 'token' })
    const renewed = [client.$connection.renewAuth('wrong'), client.$connection.renewAuth()].map(safe)
    const last = safe(client.$connection.renewAuth('bad'))
    network.server.refuses = refuses('wrong', 'bad')
    network.server.mode = 'up'
    const settled = await network.run(Promise.all([...renewed, last]))
    expect(settled.map(outcome)).toEqual(['taken', 'taken', 'no bad'])
    expect(shown(network)).toEqual(['token', 'bad', 'token'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a resumed session', () => {
  it('sends the credentials of the hello of its next connection again, if they are new', async () => {
    let token = 0
    const network = new PlayedNetwork()
    const { client, sessions } = network.client({ auth: () => (token += 1) })
    await network.run(client.$connection.opened())
    for (let cut = 0; cut < 2; cut += 1) {
      await network.cut()
      await network.run(client.ping())
    }
    await network.clock.settle()
    expect(sessions).toEqual(['first', 'resumed', 'resumed'])
    expect([shown(network), network.server.renewed]).toEqual([[1, 2, 3].map(value), [2, 3].map(value)])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('sends nothing if the credentials equal those of its first hello or of its last renewal', async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: () => ({ token: 'same' }) })
    await network.run(client.$connection.opened())
    await network.cut()
    await network.run(client.ping())
    expect([shown(network).length, network.server.renewed]).toEqual([2, []])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('sends them again if the connection is lost before the server has answered', async () => {
    let token = 'old'
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: () => token })
    await network.run(client.$connection.opened())
    token = 'new'
    network.server.decides = () => new Promise(() => undefined)
    await network.cut()
    await network.run(client.ping())
    network.server.decides = async () => undefined
    await network.cut()
    await network.run(client.ping())
    await network.clock.settle()
    await network.cut()
    await network.run(client.ping())
    expect(shown(network)).toEqual(['old', 'new', 'new', 'new'].map(value))
    expect(network.server.renewed).toEqual(['new', 'new'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('does not make an explicit renewal fail: it is sent afterwards', async () => {
    let token = 'old'
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: () => token })
    await network.run(client.$connection.opened())
    token = 'new'
    let decide = () => {}
    network.server.decides = () =>
      new Promise((resolve) => {
        decide = resolve
      })
    await network.cut()
    await network.run(client.ping())
    const renewed = client.$connection.renewAuth('by hand')
    await network.clock.settle()
    decide()
    await network.clock.settle()
    decide()
    await network.run(renewed)
    expect(network.server.renewed).toEqual(['new', 'by hand'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a connection that is cut while the server decides on credentials', () => {
  it('does not lose them: the next hello contains them', async () => {
    const network = new PlayedNetwork()
    const { client } = network.client({ auth: 'old' })
    await network.run(client.$connection.opened())
    network.server.decides = () => new Promise(() => undefined)
    const renewed = client.$connection.renewAuth('new')
    await network.clock.settle()
    expect(network.server.renewed).toEqual([value('new')])
    network.server.decides = async () => undefined
    await network.cut()
    await network.run(renewed)
    expect(shown(network)).toEqual(['old', 'new'].map(value))
    expect(network.server.renewed).toEqual(['new', 'new'].map(value))
    expect(await network.leftOvers(client)).toEqual([])
  })
})

describe('a client that moves to another server while its credentials are renewed', () => {
  it.each(['before', 'after'] as const)(
    'sends them to the new one, too: accepted %s the move',
    async (when) => {
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
    },
  )
})
