import { describe, expect, it } from 'vitest'
import { assertQuiet, createSimNetwork, type SimConnection } from '../../src/index.ts'
import { concat, patterned, record } from '../recorder.ts'
import { connectFrom, even, failureOf, joined, listenAt, recorded } from './support.ts'

const reset = { code: 'CONNECTION_RESET' }

describe('a held way', () => {
  it('lets nothing arrive, neither bytes nor ends nor resets, until it is released, and then everything in order', async () => {
    const both = await joined(even)
    const { network, client, server } = both
    const { atClient, atServer } = recorded(both)
    const way = network.between('a', 'b')
    client.send(patterned(10))
    await network.clock.advance(5)
    way.hold()
    way.hold()
    client.send(patterned(20))
    client.end()
    server.send(patterned(5))
    server.abort()
    await network.clock.advance(100_000)
    expect([atClient.events, atServer.events]).toEqual([[], ['close']])
    expect(network.leftOvers()).toEqual(
      expect.arrayContaining([
        'the way between a and b is held towards a',
        'the way between a and b is held towards b',
      ]),
    )
    way.release()
    await network.clock.advance(0)
    expect(atClient.events.at(-1)).toBe('close')
    expect(atClient.closeError).toMatchObject(reset)
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('in one direction lets the other one continue, and fills the window of the sender', async () => {
    const both = await joined({ ...even, windowBytes: 100 })
    const { network, client, server } = both
    const { atClient, atServer } = recorded(both)
    network.between('a', 'b').hold('b')
    client.send(patterned(150))
    server.send(patterned(50))
    await network.clock.advance(1_000)
    expect(atServer.events).toEqual([])
    expect(concat(atClient.chunks)).toEqual(patterned(50))
    expect(client.queuedBytes).toBe(50)
    network.between('a', 'b').release()
    await network.clock.advance(10)
    expect(concat(atServer.chunks)).toEqual(patterned(150))
  })

  it('does not affect other ways', async () => {
    const network = createSimNetwork(even)
    const [a, b, c] = [network.host('a'), network.host('b'), network.host('c')]
    const accepted = await listenAt(b)
    await network.clock.until(connectFrom(a))
    const other = await network.clock.until(connectFrom(c))
    network.between(a, b).hold()
    other.send(patterned(3))
    await network.clock.advance(10)
    const { events } = record(accepted[1] as never)
    await network.clock.advance(0)
    expect(events).toEqual(['data 3'])
  })
})

describe('a connection that is reset', () => {
  it('informs both ends after one latency, and loses data that is sent meanwhile', async () => {
    const both = await joined(even)
    const { network, client, server } = both
    const { atClient, atServer } = recorded(both)
    const [connection] = network.connections
    connection?.cut()
    connection?.cut('silence')
    expect(client.send(patterned(3))).toBe('sent')
    await network.clock.advance(9)
    expect([atClient.events, atServer.events]).toEqual([[], []])
    await network.clock.advance(1)
    expect([atClient.events, atServer.events]).toEqual([['close'], ['close']])
    expect([atClient.closeError, atServer.closeError]).toMatchObject([reset, reset])
    expect([client.send(patterned(1)), server.send(patterned(1))]).toEqual(['closed', 'closed'])
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('loses a random part of the data in transit: a beginning arrives, of a different length for each seed, without gaps', async () => {
    const lengths = new Set<number>()
    for (let seed = 1; seed <= 30; seed++) {
      const both = await joined({ ...even, seed, pieceBytesMax: 100 })
      const { atServer } = recorded(both)
      both.client.send(patterned(1_000))
      await both.network.clock.advance(5)
      both.network.between('a', 'b').cut()
      await both.network.clock.advance(10)
      const arrived = concat(atServer.chunks)
      expect(arrived).toEqual(patterned(arrived.byteLength))
      expect(atServer.events.at(-1)).toBe('close')
      lengths.add(arrived.byteLength)
    }
    expect(lengths.size).toBeGreaterThan(20)
    expect(Math.min(...lengths)).toBeLessThan(200)
    expect(Math.max(...lengths)).toBeGreaterThan(800)
  })

  it('by an abort of one end behaves in the same way for the other end', async () => {
    const lengths = new Set<number>()
    for (let seed = 1; seed <= 30; seed++) {
      const both = await joined({ ...even, seed, pieceBytesMax: 100 })
      const { atServer, atClient } = recorded(both)
      both.client.send(patterned(1_000))
      both.client.abort()
      await both.network.clock.advance(10)
      const arrived = concat(atServer.chunks)
      expect(arrived).toEqual(patterned(arrived.byteLength))
      expect([atClient.events, atServer.events.at(-1)]).toEqual([['close'], 'close'])
      lengths.add(arrived.byteLength)
      assertQuiet(both.network.clock)
    }
    expect(lengths.size).toBeGreaterThan(20)
  })
})

describe('a connection that a device between the hosts ends', () => {
  it('ends both sides after the data in transit, and each side closes in order when it ends, too', async () => {
    const both = await joined(even)
    const { network, client, server } = both
    const { atClient, atServer } = recorded(both)
    client.send(patterned(10))
    network.connections[0]?.cut('end')
    await network.clock.advance(10)
    expect([atClient.events, atServer.events]).toEqual([['end'], ['data 10', 'end']])
    client.end()
    server.end()
    await network.clock.advance(0)
    expect([atClient.events, atServer.events]).toEqual([
      ['end', 'close'],
      ['data 10', 'end', 'close'],
    ])
    expect([atClient.closeError, atServer.closeError]).toEqual([undefined, undefined])
    assertQuiet(network.clock)
  })

  it('resets a side that continues to send, once', async () => {
    const both = await joined(even)
    const { network, client } = both
    const { atClient, atServer } = recorded(both)
    network.connections[0]?.cut('end')
    await network.clock.advance(10)
    expect(client.send(patterned(10))).toBe('sent')
    expect(client.send(patterned(10))).toBe('sent')
    await network.clock.advance(10)
    expect(atClient.events).toEqual(['end', 'close'])
    expect(atClient.closeError).toMatchObject(reset)
    expect(atServer.events).toEqual(['end'])
  })
})

describe('a silent connection', () => {
  it('delivers nothing more and informs neither side, and sent data fills the window', async () => {
    const both = await joined({ ...even, windowBytes: 100 })
    const { network, client, server } = both
    const { atClient, atServer } = recorded(both)
    client.send(patterned(60))
    network.connections[0]?.cut('silence')
    expect(client.send(patterned(60))).toBe('queued')
    server.end()
    network.between('a', 'b').release()
    await network.clock.advance(1_000_000)
    expect([atClient.events, atServer.events]).toEqual([[], []])
    expect(client.queuedBytes).toBe(20)
    client.abort()
    await network.clock.advance(1_000_000)
    expect([atClient.events, atServer.events]).toEqual([['close'], []])
    expect(network.leftOvers()).toEqual([
      'b listens at sim://b:5500',
      'connection 1 from a to b:5500 is open at b, with 0 bytes queued and 0 on the way',
    ])
    server.abort()
    await network.clock.advance(0)
    expect(network.connections).toEqual([])
    assertQuiet(network.clock)
  })

  it('makes a connect that is under way wait for its timeout', async () => {
    const network = createSimNetwork(even)
    const [a, b] = [network.host('a'), network.host('b')]
    await listenAt(b)
    const failure = failureOf(connectFrom(a))
    await network.clock.advance(5)
    network.between(a, b).cut('silence')
    await network.clock.advance(10_000)
    expect(failure.error).toMatchObject({ code: 'CONNECT_TIMEOUT' })
    assertQuiet(network.clock)
  })
})

describe('a cut at a point', () => {
  it.each(['reset', 'end', 'silence'] as const)('lets exactly this many bytes arrive: %s', async (how) => {
    const both = await joined({ ...even, pieceBytesMax: 100 })
    const { network, client } = both
    const { atServer, atClient } = recorded(both)
    client.send(patterned(100))
    await network.clock.advance(10)
    const connection = network.connections[0] as SimConnection
    connection.cut(how, { direction: 'there', afterBytes: 777 })
    client.send(patterned(2_000).subarray(100))
    await network.clock.advance(100)
    expect(connection.bytesCarried.there).toBe(877)
    expect(concat(atServer.chunks)).toEqual(patterned(877))
    const last = { reset: 'close', end: 'end', silence: undefined }[how]
    expect(atServer.events.filter((event) => !event.startsWith('data'))).toEqual(
      last === undefined ? [] : [last],
    )
    expect(atClient.events.at(-1)).toBe(last === 'end' ? 'end' : last)
  })

  it('counts from now on, in both directions, and happens at once with 0', async () => {
    const both = await joined(even)
    const { network, client, server } = both
    const { atServer, atClient } = recorded(both)
    const connection = network.connections[0] as SimConnection
    server.send(patterned(50))
    connection.cut('end', { direction: 'back', afterBytes: 50 })
    await network.clock.advance(20)
    expect(atClient.events).toEqual(['data 50', 'end'])
    expect(atServer.events).toEqual(['end'])
    client.end()
    server.end()
    await network.clock.advance(0)
    const second = await network.clock.until(connectFrom(both.a))
    second.send(patterned(10))
    network.connections[0]?.cut('reset', { direction: 'there', afterBytes: 0 })
    await network.clock.advance(20)
    expect(connection.bytesCarried).toEqual({ there: 0, back: 50 })
    expect(network.connections).toEqual([])
  })

  it('happens at the nearer one of two points', async () => {
    const both = await joined(even)
    const { network, client } = both
    const { atServer } = recorded(both)
    const connection = network.connections[0] as SimConnection
    connection.cut('end', { direction: 'there', afterBytes: 30 })
    connection.cut('reset', { direction: 'there', afterBytes: 20 })
    client.send(patterned(100))
    await network.clock.advance(20)
    expect(concat(atServer.chunks)).toEqual(patterned(20))
    expect(atServer.events.at(-1)).toBe('close')
  })

  it('that is not reached does not affect the connection', async () => {
    const both = await joined(even)
    const { network, client, server } = both
    const { atServer } = recorded(both)
    network.connections[0]?.cut('reset', { direction: 'there', afterBytes: 11 })
    client.send(patterned(10))
    client.end()
    server.end()
    await network.clock.advance(20)
    expect(atServer.events).toEqual(['data 10', 'end', 'close'])
    assertQuiet(network.clock)
  })
})
