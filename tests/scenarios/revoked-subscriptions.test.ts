import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { market, open, pricesOf, subscriptionsOf } from './market.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import type { World } from './worlds/world.ts'
import { worlds } from './worlds/worlds.ts'

const { price } = market.events
const acme = { name: 'ACME' }

describe('A subscription that the server revokes', () => {
  for (const { name, open: openWorld, absent } of worlds) {
    it.skipIf(absent !== undefined)(
      `in ${name} ends for all listeners, and its client is informed once`,
      async () => {
        const { world, server, connect } = open(openWorld())
        const failed: unknown[] = []
        const client = await connect({ onSubscribeFailed: (failure) => void failed.push(failure) })
        const first = pricesOf(client, 'ACME')
        const second = pricesOf(client, 'ACME')
        const other = pricesOf(client, 'OTHER')
        await world.run(Promise.all([first, second, other].map(({ stop }) => stop.subscribed)))
        const [connection] = server.connections
        server.publish(price, acme, 1)
        await world.run(client.nothing())
        connection!.revoke(price, acme)
        connection!.revoke(price, acme)
        expect(server.publish(price, acme, 2).reached).toBe(0)
        server.publish(price, { name: 'OTHER' }, 3)
        await world.run(client.nothing())
        await world.eventually('the client is told', () => failed.length > 0)
        expect([first.prices, second.prices, other.prices]).toEqual([[1], [1], [3]])
        expect(failed).toMatchObject([
          { event: 'market/price', topic: acme, wasSubscribed: true, error: { code: 'PERMISSION_DENIED' } },
        ])
        // They ended with the subscription, so stop() has nothing to do.
        first.stop()
        second.stop()
        await world.run(client.nothing())
        expect(subscriptionsOf(server)).toBe(1)
        await world.close(server)
      },
    )
  }
})

describe('A client whose subscription was revoked', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  function inMemory(...args: Parameters<typeof open> extends [World, ...infer Rest] ? Rest : never) {
    const opened = open(memoryWorld(), ...args)
    closing.push(() => opened.world.close(opened.server))
    return opened
  }

  it('writes that to the console if it has no hook, even if it had awaited `subscribed`', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const { world, server, connect } = inMemory()
    const client = await connect()
    await world.run(pricesOf(client, 'ACME').stop.subscribed)
    for (const connection of server.connections) connection.revoke(price, acme)
    await world.run(client.nothing())
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^frameport: .*market\/price \(PERMISSION_DENIED\): The server ended the subscription/,
        ),
      ],
    ])
  })

  it.each([false, true])('may subscribe again, and the server decides again (strict: %s)', async (strict) => {
    let isMember = true
    const { world, server, connect } = inMemory(() => isMember)
    const failed: boolean[] = []
    const client = await connect({
      strict,
      onSubscribeFailed: ({ wasSubscribed }) => void failed.push(wasSubscribed),
    })
    const before = pricesOf(client, 'ACME')
    await world.run(before.stop.subscribed)
    isMember = false
    for (const connection of server.connections) connection.revoke(price, acme)
    await world.run(client.nothing())
    const refused = pricesOf(client, 'ACME')
    await expect(world.run(refused.stop.subscribed)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    refused.stop()
    isMember = true
    const again = pricesOf(client, 'ACME')
    await world.run(again.stop.subscribed)
    server.publish(price, acme, 1)
    await world.run(client.nothing())
    expect([before.prices, refused.prices, again.prices, failed]).toEqual([[], [], [1], [true, false]])
  })
})
