import { safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('a topic that gets a listener in an outage', () => {
  it.each([1_000, 40_000])(
    'is subscribed to once there is a connection, after %i ms, and has no gap',
    async (outageMs) => {
      const network = new PlayedNetwork()
      const gaps: string[] = []
      const { client } = await connected(network, { onEventGap: ({ event }) => void gaps.push(event) })
      network.server.mode = 'down'
      await network.cut()
      const outcomes: string[] = []
      const note = (outcome: string) => () => void outcomes.push(outcome)
      client.$on('news', () => undefined).subscribed.then(note('yes'), note('no'))
      await network.clock.advance(outageMs)
      expect(outcomes).toEqual([])
      network.server.restart()
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect([outcomes, gaps, network.server.subscriptions]).toEqual([['yes'], [], ['subscribe tiny@1/news']])
      expect(await network.leftOvers(client)).toEqual([])
    },
  )

  describe.each([false, true])('by a second listener (strict: %s)', (strict) => {
    async function listened(reconnectTimeoutMs = 300_000) {
      const network = new PlayedNetwork()
      const { client, sessions } = await connected(network, { strict, reconnect: { reconnectTimeoutMs } })
      const first = client.$on('news', () => undefined)
      await network.run(first.subscribed)
      network.server.mode = 'down'
      await network.cut()
      const outcomes: string[] = []
      client
        .$on('news', () => undefined)
        .subscribed.then(
          () => outcomes.push('yes'),
          (error: RpcError) => outcomes.push(error.code),
        )
      await network.clock.advance(1_000)
      expect(outcomes).toEqual([])
      return { network, client, sessions, outcomes, first }
    }

    it.each(['resumed', 'new'])('waits for the next connection, whose session is %s', async (which) => {
      const { network, client, sessions, outcomes } = await listened()
      if (which === 'new') network.server.restart()
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect([outcomes, sessions.at(-1)]).toEqual([['yes'], which])
      expect(network.server.subscriptions).toHaveLength(which === 'new' ? 2 : 1)
      expect(await network.leftOvers(client)).toEqual([])
    })

    it('is refused if there will be no connection', async () => {
      const { network, client, outcomes } = await listened(60_000)
      await network.run(client.$connection.closed())
      await network.clock.settle()
      expect(outcomes).toEqual(['UNAVAILABLE'])
      expect(await network.leftOvers(client)).toEqual([])
    })

    it('is refused with the refusal of the server of the next connection', async () => {
      const { network, client, outcomes } = await listened()
      network.server.restart()
      network.server.subscriptionRefusal = new RpcError('PERMISSION_DENIED', 'no more')
      network.server.mode = 'up'
      await network.run(client.ping())
      await network.clock.settle()
      expect(outcomes).toEqual(['PERMISSION_DENIED'])
      expect(await network.leftOvers(client)).toEqual([])
    })
  })

  it('is refused if the client closes before there is a connection', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network, { reconnect: { reconnectTimeoutMs: 60_000 } })
    network.server.mode = 'down'
    await network.cut()
    const subscribed = safe(client.$on('news', () => undefined).subscribed)
    expect((await network.run(subscribed)).error).toMatchObject({ code: 'UNAVAILABLE' })
    expect([network.clock.nowMs(), client.$connection.state]).toEqual([71_000, 'closed'])
    expect(await network.leftOvers(client)).toEqual([])
  })

  it('is not subscribed to if its listener has left meanwhile', async () => {
    const network = new PlayedNetwork()
    const { client } = await connected(network)
    network.server.mode = 'down'
    await network.cut()
    const stop = client.$on('news', () => undefined)
    await network.clock.advance(20_000)
    stop()
    await network.clock.advance(20_000)
    network.server.mode = 'up'
    await network.run(client.ping())
    expect(network.server.subscriptions).toEqual([])
    expect(await network.leftOvers(client)).toEqual([])
  })
})
