import type { ByteStream } from '@frameport/framing'
import { describe, expect, it } from 'vitest'
import { assertQuiet, createSimNetwork } from '../../src/index.ts'
import { concat, patterned, record } from '../recorder.ts'
import { connectFrom, even, joined, listenAt, recorded } from './support.ts'

const reset = { code: 'CONNECTION_RESET' }

describe('a killed process', () => {
  it('runs no more code: no timer, no turn, no callback, no promise of a stream', async () => {
    const both = await joined({ ...even, windowBytes: 10 })
    const { network, b, client, server } = both
    const { atServer } = recorded(both)
    const ran: string[] = []
    const { environment } = b
    environment.setTimer(5, () => ran.push('timer'))
    environment.nextTurn?.(() => ran.push('turn'))
    server.send(patterned(10_000_000))
    void server.drained().then(() => ran.push('drained'))
    client.send(patterned(10))
    const nowMs = environment.nowMs()
    b.kill()
    environment.setTimer(5, () => ran.push('timer set later'))
    environment.nextTurn?.(() => ran.push('turn asked for later'))
    void server.drained().then(() => ran.push('drained, asked later'))
    expect(network.clock.timers.filter(({ name }) => name.endsWith(' of b'))).toEqual([])
    expect([server.send(patterned(1)), server.queuedBytes]).toEqual(['closed', 0])
    server.resume()
    server.end()
    server.abort()
    await network.clock.advance(1_000)
    expect([ran, atServer.events]).toEqual([[], []])
    expect(environment.nowMs()).toBeCloseTo(nowMs + 1_000)
    expect(environment.random()).toBeLessThan(1)
    assertQuiet(network.clock, network)
  })

  it('gets no callbacks from streams that it starts afterwards', async () => {
    const both = await joined(even)
    both.client.send(patterned(3))
    await both.network.clock.advance(10)
    both.b.kill()
    const { events } = record(both.server)
    await both.network.clock.advance(10)
    expect(events).toEqual([])
  })

  it('resets its peers by default, and loses a random part of the data it had sent', async () => {
    const lengths = new Set<number>()
    for (let seed = 1; seed <= 30; seed++) {
      const both = await joined({ ...even, seed })
      const { atClient } = recorded(both)
      both.server.send(patterned(1_000))
      both.b.kill()
      await both.network.clock.advance(10)
      expect(atClient.closeError).toMatchObject(reset)
      const arrived = concat(atClient.chunks)
      expect(arrived).toEqual(patterned(arrived.byteLength))
      lengths.add(arrived.byteLength)
      assertQuiet(both.network.clock, both.network)
    }
    expect(lengths.size).toBeGreaterThan(20)
  })

  it('with an end sends the data of its kernel, then the end; data from the peer is answered with a reset', async () => {
    const both = await joined({ ...even, windowBytes: 1_000 })
    const { network, b, client, server } = both
    const { atClient } = recorded(both)
    expect(server.send(patterned(1_500))).toBe('queued')
    b.kill('end')
    await network.clock.advance(10)
    expect(concat(atClient.chunks)).toEqual(patterned(1_000))
    expect(atClient.events.at(-1)).toBe('end')
    await network.clock.advance(1_000)
    expect(network.leftOvers()).toEqual([
      'connection 1 from a to b:5500 is open at a, with 0 bytes queued and 0 on the way',
    ])
    expect(client.send(patterned(1))).toBe('sent')
    await network.clock.advance(19)
    expect(atClient.events.at(-1)).toBe('end')
    await network.clock.advance(1)
    expect(atClient.closeError).toMatchObject(reset)
    assertQuiet(network.clock, network)
  })

  it('with an end closes in order with a peer that ends, too', async () => {
    const both = await joined(even)
    const { network, b, client } = both
    const { atClient } = recorded(both)
    b.kill('end')
    await network.clock.advance(10)
    client.end()
    await network.clock.advance(10)
    expect([atClient.events, atClient.closeError]).toEqual([['end', 'close'], undefined])
    assertQuiet(network.clock, network)
  })

  it('with an end does not end a stream twice', async () => {
    const both = await joined(even)
    const { network, b, server } = both
    const { atClient } = recorded(both)
    server.send(patterned(5))
    server.end()
    b.kill('end')
    await network.clock.advance(10)
    expect(atClient.events).toEqual(['data 5', 'end'])
  })

  it('without power informs nobody; a peer that sends gets a reset once the host has started again', async () => {
    const both = await joined(even)
    const { network, b, client, server } = both
    const { atClient } = recorded(both)
    server.send(patterned(1_000))
    await network.clock.advance(20)
    b.kill('nothing')
    client.send(patterned(5))
    await network.clock.advance(1_000_000)
    expect(atClient.events.filter((event) => !event.startsWith('data'))).toEqual([])
    b.start()
    await network.clock.advance(9)
    expect(atClient.closeError).toBeUndefined()
    await network.clock.advance(1)
    expect(atClient.closeError).toMatchObject(reset)
    assertQuiet(network.clock, network)
  })

  it.each([
    ['bytes', (client: ByteStream) => void client.send(patterned(1))],
    ['an end', (client: ByteStream) => client.end()],
  ])('without power, and started again, answers %s with a reset', async (_what, send) => {
    const both = await joined(even)
    const { network, b, client } = both
    const { atClient } = recorded(both)
    b.kill('nothing')
    b.start()
    await network.clock.advance(1_000_000)
    expect(atClient.events).toEqual([])
    send(client)
    await network.clock.advance(20)
    expect(atClient.closeError).toMatchObject(reset)
    assertQuiet(network.clock, network)
  })

  it('without power loses a random part of the data it had sent, and the end after it', async () => {
    const lengths = new Set<number>()
    for (let seed = 1; seed <= 30; seed++) {
      const both = await joined({ ...even, seed })
      const { atClient } = recorded(both)
      both.server.send(patterned(1_000))
      both.b.kill('nothing')
      both.b.start()
      await both.network.clock.advance(100)
      const arrived = concat(atClient.chunks)
      expect(arrived).toEqual(patterned(arrived.byteLength))
      expect(atClient.events).not.toContain('end')
      lengths.add(arrived.byteLength)
    }
    expect(lengths.size).toBeGreaterThan(20)
  })

  it('drops the callbacks of its suspension', async () => {
    const both = await joined(even)
    const { network, b } = both
    const { atServer } = recorded(both)
    b.suspend()
    both.client.send(patterned(3))
    await network.clock.advance(10)
    b.kill()
    expect(b.state).toBe('stopped')
    await network.clock.advance(100)
    expect(atServer.events).toEqual([])
    assertQuiet(network.clock, network)
  })

  it('and its successor have different environments and random numbers, the same clock, and no common listeners', async () => {
    const { network, a, b } = await joined(even)
    const before = b.environment
    expect(b.environment).toBe(before)
    await network.clock.advance(1_000)
    b.kill()
    expect(b.state).toBe('stopped')
    b.start()
    expect(b.state).toBe('running')
    expect(b.environment).not.toBe(before)
    expect(b.environment.nowMs()).toBe(before.nowMs())
    expect(b.environment.random()).not.toBe(before.random())
    await expect(network.clock.until(connectFrom(a))).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  })

  it('does not affect the other hosts of its connections', async () => {
    const network = createSimNetwork(even)
    const [a, b, c] = [network.host('a'), network.host('b'), network.host('c')]
    await listenAt(b)
    const accepted = await listenAt(c)
    await network.clock.until(connectFrom(a))
    const other = await network.clock.until(connectFrom(a, 'c:5500'))
    b.kill()
    await network.clock.advance(100)
    other.send(patterned(3))
    await network.clock.advance(10)
    const { events } = record(accepted[0] as ByteStream)
    await network.clock.advance(0)
    expect(events).toEqual(['data 3'])
    expect(network.connections).toHaveLength(1)
  })

  it('that has both ends of a connection leaves nothing open', async () => {
    const network = createSimNetwork(even)
    const a = network.host('a')
    const accepted = await listenAt(a)
    const client = await network.clock.until(connectFrom(a, 'a:5500'))
    client.send(patterned(100))
    accepted[0]?.send(patterned(100))
    a.kill()
    expect(network.connections).toEqual([])
    assertQuiet(network.clock, network)
  })
})
