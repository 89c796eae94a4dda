import { safe } from '@frameport/client'
import { describe, expect, it } from 'vitest'
import { connected, PlayedNetwork } from './support/played-network.ts'

describe('$close', () => {
  it('in onStateChange is final: onSession is not called', async () => {
    const network = new PlayedNetwork()
    const { client, sessions } = network.client({
      onStateChange: ({ state }) => {
        if (state === 'open') void client.$close()
      },
    })
    await network.run(client.$connection.closed())
    expect(sessions).toEqual([])
    expect(await network.leftOvers()).toEqual([])
  })

  it('of a client with a call that does not end settles after graceMs', async () => {
    const network = new PlayedNetwork()
    const { client, states } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    await network.run(client.$close({ graceMs: 500 }))
    expect((await network.run(open)).error?.code).toBe('UNAVAILABLE')
    expect(await network.run(client.$connection.closed())).toMatchObject({
      code: 'CLOSED',
      closedBy: 'local',
    })
    expect(states).toEqual(['open', 'draining', 'closed'])
    expect(await network.leftOvers()).toEqual([])
  })

  const phases: readonly [string, (network: PlayedNetwork) => Promise<void>][] = [
    ['waits before an attempt', async (network) => void (await network.clock.advance(60))],
    [
      'connects',
      async (network) => {
        network.server.mode = 'unreachable'
        await network.clock.advance(5_000)
      },
    ],
    [
      'shakes hands',
      async (network) => {
        network.server.mode = 'mute'
        await network.clock.advance(1_000)
      },
    ],
  ]
  it.each(phases)(
    'of a client that %s after a cut settles, and leaves nothing open',
    async (_phase, reach) => {
      const network = new PlayedNetwork()
      const { client, states } = await connected(network)
      network.server.mode = 'down'
      await network.cut()
      await network.clock.settle()
      const waits = safe(client.ping())
      await reach(network)
      expect(client.$connection.state).toBe('reconnecting')
      await network.run(client.$close())
      expect([client.$connection.state, states.at(-1)]).toEqual(['closed', 'closed'])
      expect((await network.run(waits)).error?.message).toContain('this client was closed by $close()')
      const knocks = network.knocks.length
      await network.clock.advance(600_000)
      expect(network.knocks.length).toBe(knocks)
      expect(await network.leftOvers()).toEqual([])
    },
  )

  it('of a client that is moving to another connection closes both', async () => {
    const network = new PlayedNetwork({ count: 2 })
    const { client } = await connected(network)
    const open = safe(client.stay())
    await network.clock.settle()
    network.server.session.announceEnd()
    await network.clock.advance(300)
    await network.run(client.$close({ graceMs: 500 }))
    expect((await network.run(open)).error?.code).toBe('UNAVAILABLE')
    expect(client.$connection.state).toBe('closed')
    expect(await network.leftOvers()).toEqual([])
  })
})
