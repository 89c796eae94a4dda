import { createServer } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { implementation, market, open, subscriptionsOf } from './market.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

describe('A server of an event that clients subscribe to', () => {
  it('cannot be created without authorizeSubscribe', () => {
    // @ts-expect-error it is missing
    expect(() => createServer(implementation)).toThrowError(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('authorizeSubscribe'),
      }),
    )
    // @ts-expect-error it is missing
    expect(() => createServer(implementation, {})).toThrowError(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('An event that handlers subscribe to', () => {
  it('has listeners on a client without a request to the server', async () => {
    const world = memoryWorld()
    const asked: unknown[] = []
    const { server, connect } = open(world, (facts) => asked.push(facts) > 0)
    const client = await connect()
    const stop = client.$on('notice', () => undefined)
    await world.run(stop.subscribed)
    stop()
    await world.run(client.nothing())
    expect([asked, subscriptionsOf(server)]).toEqual([[], 0])
    await world.close(server)
  })

  it.each([
    [
      'that makes no call and receives no event for silentListenerMs, is reported once',
      10_000,
      'nothing',
      ['market/notice'],
    ],
    ['that has listened for a shorter time, is not reported', 9_999, 'nothing', []],
    ['that has made a call, is not reported, because a handler may have subscribed it', 100_000, 'call', []],
    ['that has received an event, is not reported', 100_000, 'hear', []],
    ['that has closed, is not reported', 100_000, 'end', []],
  ])('with a client %s', async (_, ms, does, told) => {
    const world = memoryWorld()
    const silent: string[] = []
    const { server, connect } = open(world, () => true, {
      onConnection: ({ connection }) => connection.subscribe(market.events.notice),
    })
    const client = await connect({ onSilentListener: (name) => void silent.push(name) })
    client.$on('notice', () => undefined)
    client.$on('price', { name: 'ACME' }, () => undefined)
    client.$on('notice', () => undefined)
    await world.settle()
    if (does === 'call') await world.run(client.nothing())
    if (does === 'hear') server.publish(market.events.notice, 'heard')
    if (does === 'end') await world.run(client.$close())
    await world.clock.advance(ms)
    await world.clock.advance(told.length === 0 ? 0 : 100_000)
    expect(silent).toEqual(told)
    await world.close(server)
  })
})
