import { describe, expect, it } from 'vitest'
import { assertQuiet, createSimNetwork } from '../../src/index.ts'
import { concat, patterned, record } from '../recorder.ts'
import { connectFrom, even, joined, listenAt, recorded } from './support.ts'

describe('sent data', () => {
  it('travels in random pieces of at most pieceBytesMax, in order', async () => {
    const both = await joined({ ...even, pieceBytesMax: 100 })
    const { atServer } = recorded(both)
    both.client.send(patterned(5_000))
    await both.network.clock.advance(10)
    const sizes = atServer.chunks.map(({ byteLength }) => byteLength)
    expect(concat(atServer.chunks)).toEqual(patterned(5_000))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
    expect(new Set(sizes).size).toBeGreaterThan(20)
    expect(both.network.connections[0]?.bytesCarried).toEqual({ there: 5_000, back: 0 })
  })

  it('travels byte by byte with pieces of 1', async () => {
    const both = await joined({ ...even, pieceBytesMax: 1 })
    const { atServer } = recorded(both)
    both.client.send(patterned(5))
    await both.network.clock.advance(10)
    expect(atServer.events).toEqual(['data 1', 'data 1', 'data 1', 'data 1', 'data 1'])
  })

  it('has its own delay for each piece, and never overtakes earlier data', async () => {
    const both = await joined({ latencyMs: { minMs: 5, maxMs: 50 }, pieceBytesMax: 10 })
    const { network } = both
    const arrivals: number[] = []
    const atServer = record(both.server, () => void arrivals.push(network.clock.nowMs()))
    const sentAtMs = network.clock.nowMs()
    for (let sent = 0; sent < 20; sent++) {
      both.client.send(patterned(1_000).subarray(sent * 50, sent * 50 + 50))
      await network.clock.advance(4.9)
      if (sent === 0) expect(arrivals).toEqual([])
    }
    await network.clock.advance(50)
    expect(concat(atServer.chunks)).toEqual(patterned(1_000))
    expect(new Set(arrivals).size).toBeGreaterThan(5)
    expect((arrivals[0] as number) - sentAtMs).toBeGreaterThanOrEqual(5)
    expect(arrivals).toEqual([...arrivals].sort((one, other) => one - other))
  })

  it('that has not been read is delivered in its pieces or merged', async () => {
    const both = await joined({ ...even, pieceBytesMax: 10 })
    both.client.send(patterned(1_000))
    await both.network.clock.advance(10)
    const { atServer } = recorded(both)
    await both.network.clock.advance(0)
    expect(concat(atServer.chunks)).toEqual(patterned(1_000))
    const sizes = atServer.chunks.map(({ byteLength }) => byteLength)
    expect(Math.max(...sizes)).toBeGreaterThan(10)
  })

  it('travels in pieces of all lengths, however much it is: 16 MiB need a few for each of the longest', async () => {
    const pieceBytesMax = 1_000
    const { network, client, server } = await joined({ pieceBytesMax })
    const bytes = 16 * 1024 * 1024
    let arrived = 0
    let chunks = 0
    const all = new Promise<void>((resolve) => {
      const sink = record(server, (chunk) => {
        sink.chunks.length = 0
        chunks += 1
        arrived += chunk.byteLength
        if (arrived === bytes) resolve()
      })
    })
    record(client)
    client.send(new Uint8Array(bytes))
    await network.clock.until(all)
    expect(chunks).toBeLessThan((4 * bytes) / pieceBytesMax)
  })

  it('arrives before the end', async () => {
    const both = await joined({ latencyMs: { minMs: 1, maxMs: 50 }, pieceBytesMax: 10 })
    const { atServer } = recorded(both)
    both.client.send(patterned(300))
    both.client.end()
    await both.network.clock.advance(100)
    expect(concat(atServer.chunks)).toEqual(patterned(300))
    expect(atServer.events.filter((event) => event === 'end')).toHaveLength(1)
    expect(atServer.events.at(-1)).toBe('end')
  })
})

describe('the rate of a way', () => {
  it('delays sent data, in each direction of each connection separately', async () => {
    const network = createSimNetwork({ latencyMs: 10, bytesPerSecond: 10_000, pieceBytesMax: 100 })
    const [a, b] = [network.host('a'), network.host('b')]
    const accepted = await listenAt(b)
    const clients = await network.clock.until(Promise.all([connectFrom(a), connectFrom(a)]))
    const servers = accepted.map((stream) => record(stream))
    const atClient = record(clients[0])
    for (const client of clients) client.send(patterned(5_000))
    accepted[0]?.send(patterned(5_000))
    await network.clock.advance(260)
    for (const { chunks } of [...servers, atClient]) {
      expect(concat(chunks).byteLength).toBeGreaterThan(2_300)
      expect(concat(chunks).byteLength).toBeLessThanOrEqual(2_500)
    }
    await network.clock.advance(251)
    for (const { chunks } of [...servers, atClient]) expect(concat(chunks)).toEqual(patterned(5_000))
  })

  it('is unlimited by default, and again with Infinity', async () => {
    const both = await joined(even)
    const { network, client } = both
    const { atServer } = recorded(both)
    network.between('a', 'b').configure({ bytesPerSecond: 1 })
    client.send(patterned(10))
    await network.clock.advance(10_010)
    expect(concat(atServer.chunks)).toEqual(patterned(10))
    network.between('a', 'b').configure({ bytesPerSecond: Number.POSITIVE_INFINITY })
    client.send(patterned(60_000))
    await network.clock.advance(10)
    expect(concat(atServer.chunks).byteLength).toBe(60_010)
  })
})

describe('the window of a way', () => {
  it('holds this many bytes in transit and unread, and then the queue of the sender grows', async () => {
    const both = await joined({ ...even, windowBytes: 100 })
    const { network, client } = both
    expect(client.send(patterned(100))).toBe('sent')
    expect(client.send(patterned(1))).toBe('queued')
    await network.clock.advance(1_000)
    expect(client.queuedBytes).toBe(1)
    const { atServer } = recorded(both)
    await network.clock.advance(10)
    expect(client.queuedBytes).toBe(0)
    expect(concat(atServer.chunks).byteLength).toBe(101)
  })

  it('has more room at once when it is widened', async () => {
    const both = await joined({ ...even, windowBytes: 10 })
    both.client.send(patterned(100))
    expect(both.client.queuedBytes).toBe(90)
    both.network.between('a', 'b').configure({ windowBytes: 50 })
    expect(both.client.queuedBytes).toBe(50)
  })

  it.each([[10_000], [200]])(
    'and the queue of a host fill up to its watermark of %i',
    async (highWatermarkBytes) => {
      const network = createSimNetwork({ ...even, windowBytes: 100 })
      const a = network.host('a', { highWatermarkBytes, lowWatermarkBytes: 50 })
      const accepted = await listenAt(network.host('b'))
      const client = await network.clock.until(connectFrom(a))
      const atClient = record(client)
      expect(client.send(patterned(100 + highWatermarkBytes))).toBe('queued')
      expect(client.send(patterned(1))).toBe('full')
      for (const stream of accepted) record(stream)
      await network.clock.advance(100_000)
      expect(atClient.events).toEqual(['drain'])
    },
  )
})

it('a new configuration of a way applies to data sent from then on, and omitted options stay', async () => {
  const both = await joined({ ...even, pieceBytesMax: 50 })
  const { network, client } = both
  const { atServer } = recorded(both)
  client.send(patterned(1))
  network.between('a', 'b').configure({ latencyMs: 100 })
  client.send(patterned(1_000))
  await network.clock.advance(10)
  expect(atServer.events).toEqual(['data 1'])
  await network.clock.advance(89)
  expect(atServer.events).toEqual(['data 1'])
  await network.clock.advance(1)
  expect(Math.max(...atServer.chunks.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(50)
  expect(concat(atServer.chunks).byteLength).toBe(1_001)
})

it('each pair of hosts has its own way, and so has the loopback of a host', async () => {
  const network = createSimNetwork(even)
  const [a, b] = [network.host('a'), network.host('b')]
  network.host('c')
  await Promise.all([listenAt(a), listenAt(b)])
  expect(network.between(a, b)).toBe(network.between('b', 'a'))
  network.between(a, b).configure({ latencyMs: 1 })
  network.between(a, a).configure({ latencyMs: 2 })
  const connectedAt: number[] = []
  const connect = (host: typeof a, address: string) =>
    connectFrom(host, address).then(() => connectedAt.push(network.clock.nowMs()))
  const all = Promise.all([
    connect(a, 'b:5500'),
    connect(a, 'a:5500'),
    connectFrom(network.between('b', 'c') && b, 'a:5500'),
  ])
  await network.clock.until(all)
  expect(connectedAt).toEqual([2, 4])
  network.between('a', 'a').hold()
  network.between('a', 'a').cut()
  await network.clock.advance(100)
  network.between('a', 'a').release()
  await network.clock.advance(100)
  expect(network.connections.map(({ from, to }) => `${from} ${to}`)).toEqual(['a b', 'b a'])
  assertQuiet(network.clock)
})
