import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('the function auth of a client that connects again', () => {
  it('is called before each attempt, and its result is sent', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const { client } = await connected(network, { auth: async () => `token ${++asked}` })
    await network.cut()
    await network.clock.advance(200)
    expect(network.server.hellos.map(({ auth }) => auth)).toEqual([
      { kind: 'value', value: 'token 1' },
      { kind: 'value', value: 'token 2' },
    ])
    expect(client.$connection.state).toBe('open')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('makes the attempt fail if it throws, and is called again', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const auth = () => {
      if (++asked === 2) throw new Error('the issuer is down')
      return 'token'
    }
    const { client, states } = await connected(network, { auth })
    await network.cut()
    expect(await network.run(client.ping())).toBe('server 0')
    expect([asked, states]).toEqual([3, ['open', 'reconnecting 0', 'reconnecting 1', 'open']])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('ends the client if it throws a final refusal', async () => {
    const network = new PlayedNetwork()
    let asked = 0
    const auth = () => {
      if (++asked === 2) throw new RpcError('UNAUTHENTICATED', 'log in again')
      return 'token'
    }
    const { client } = await connected(network, { auth })
    await network.cut()
    const { error } = await network.run(safe(client.ping()))
    expect([error?.code, error?.message]).toEqual(['UNAUTHENTICATED', 'log in again'])
    expect(client.$connection.state).toBe('closed')
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('delays the next attempt by the retryAfterMs of the RpcError that it throws', async () => {
    const network = new PlayedNetwork()
    const times: number[] = []
    const auth = () => {
      times.push(network.clock.nowMs())
      if (times.length === 2) throw new RpcError('UNAVAILABLE', 'the issuer starts', { retryAfterMs: 5_000 })
      return 'token'
    }
    const { client } = await connected(network, { auth })
    await network.cut()
    expect(await network.run(client.ping())).toBe('server 0')
    const [, second = 0, third = 0] = times
    expect(third - second).toBeGreaterThanOrEqual(5_000)
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('fails the attempt within connectTimeoutMs if it never settles, and at once if its result cannot be sent', async () => {
    const network = new PlayedNetwork()
    const never = network.client({
      auth: () => new Promise(() => undefined),
      limits: { connectTimeoutMs: 300 },
    })
    const late = await network.run(safe(never.client.ping()))
    expect(late.error?.message).toBe(
      'Could not connect to test:server-0: the function auth returned no credentials within 300 ms',
    )
    const wrong = network.client({ auth: (() => 5n) as never })
    const unsendable = await network.run(safe(wrong.client.ping()))
    expect([unsendable.error?.code, network.knocks]).toEqual(['UNAVAILABLE', []])
    expect(await network.leftOvers(never.client, wrong.client)).toEqual([])
  })
})
