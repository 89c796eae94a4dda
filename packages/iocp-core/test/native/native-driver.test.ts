import { afterEach, describe, expect, test } from 'vitest'
import type { Driver } from '../../src/contract/driver.ts'
import { connectPairs, isZero, nativeBackEnds, openDriver, record, until } from './drivers.ts'

const opened: Driver[] = []

afterEach(async () => {
  for (const driver of opened.splice(0)) {
    await until(() => isZero(driver))
    await driver.close()
  }
})

function numbered(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (from + index) % 251)
}

describe.each(nativeBackEnds)('the driver over the addon on $backend', ({ backend, absent }) => {
  if (absent) return test.skip('this system refuses it: see probe()', () => undefined)

  const driverOf = (receiveBufferBytes?: number) => {
    const driver = openDriver(backend, receiveBufferBytes)
    opened.push(driver)
    return driver
  }

  test('the back end is the name that the addon reports', () => {
    expect(driverOf().backend).toBe(backend)
  })

  test('bytes for a connection that another one of the same batch has stopped are held until it starts', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 2)
    clients.map(record)
    const records = servers.map(record)
    let stopped: number | undefined
    for (const [index, recorded] of records.entries()) {
      const received = recorded.received
      recorded.received = (chunk) => {
        received(chunk)
        if (stopped !== undefined) return
        stopped = 1 - index
        servers[stopped]!.receiveStop()
      }
    }
    for (const server of servers) server.receiveStart()
    // One flush sends both, so that one gather finds both.
    for (const client of clients) client.send([numbered(100)], 100)
    await until(() => stopped !== undefined)
    await until(() => driver.counters.operationsInFlight === 2)
    expect(records[stopped!]!.bytes).toEqual([])
    clients[stopped!]!.send([numbered(50, 100)], 50)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(records[stopped!]!.bytes).toEqual([])
    servers[stopped!]!.receiveStart()
    expect(records[stopped!]!.bytes).toEqual([])
    await until(() => records[stopped!]!.bytes.length === 150)
    expect(records[stopped!]!.bytes).toEqual([...numbered(150)])
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('a stop and a start within one turn continue the receiving', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 1)
    record(clients[0]!)
    const recorded = record(servers[0]!)
    servers[0]!.receiveStart()
    servers[0]!.receiveStop()
    servers[0]!.receiveStart()
    clients[0]!.send([numbered(10)], 10)
    await until(() => recorded.bytes.length === 10)
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test.each([1, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577])(
    'a send of %i bytes after a small one keeps its place',
    async (length) => {
      const driver = driverOf()
      const { listener, clients, servers } = await connectPairs(driver, 1)
      const sender = record(clients[0]!)
      const receiver = record(servers[0]!)
      servers[0]!.receiveStart()
      clients[0]!.send([numbered(7)], 7)
      clients[0]!.send([numbered(length, 7)], length)
      clients[0]!.send([numbered(5, 7 + length)], 5)
      await until(() => receiver.bytes.length === length + 12)
      expect(Buffer.from(receiver.bytes).equals(Buffer.from(numbered(length + 12)))).toBe(true)
      await until(() => sender.queuedBytes === 0)
      for (const connection of [...clients, ...servers]) connection.close(true)
      await listener.close()
    },
  )

  test('a send with more parts than one system call takes arrives in order', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 1)
    record(clients[0]!)
    const receiver = record(servers[0]!)
    servers[0]!.receiveStart()
    const parts = Array.from({ length: 40 }, (_, index) => numbered(1000, index * 1000))
    clients[0]!.send([...parts, new Uint8Array(0)], 40_000)
    await until(() => receiver.bytes.length === 40_000)
    expect(Buffer.from(receiver.bytes).equals(Buffer.from(numbered(40_000)))).toBe(true)
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('more sends in one turn than the arena holds, over many connections, all arrive', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 8)
    clients.map(record)
    const records = servers.map(record)
    for (const server of servers) server.receiveStart()
    // 16,800 entries that cannot be merged (the table has 16,384), and 5 MB (the arena has 4 MiB).
    for (let round = 0; round < 2100; round++) {
      for (const client of clients) client.send([numbered(300, round * 300)], 300)
    }
    await until(() => records.every(({ bytes }) => bytes.length === 630_000))
    const expected = Buffer.from(numbered(630_000))
    for (const { bytes } of records) expect(Buffer.from(bytes).equals(expected)).toBe(true)
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('if more connections are ready than fit in one batch, all make progress', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 8)
    clients.map(record)
    // The kernel fills up to 32 buffers for one io_uring receive before it runs the next one.
    const total = (backend === 'io_uring' ? 4 : 1) * 1024 * 1024
    const bytes = servers.map(() => 0)
    let leastWhenFirstIsDone: number | undefined
    for (const [index, server] of servers.entries()) {
      record(server).received = (chunk) => {
        bytes[index]! += chunk.length
        if (bytes[index] === total) leastWhenFirstIsDone ??= Math.min(...bytes)
      }
    }
    for (const client of clients) client.send([numbered(total)], total)
    for (const server of servers) server.receiveStart()
    await until(() => bytes.every((count) => count === total))
    expect(leastWhenFirstIsDone).toBeGreaterThan(0)
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('a tiny pool of receive buffers makes batches slower and loses nothing', async () => {
    const driver = driverOf(512)
    const { listener, clients, servers } = await connectPairs(driver, 20)
    clients.map(record)
    const records = servers.map(record)
    for (const server of servers) server.receiveStart()
    for (const client of clients) client.send([numbered(100_000)], 100_000)
    await until(() => records.every(({ bytes }) => bytes.length === 100_000))
    const expected = Buffer.from(numbered(100_000))
    for (const { bytes } of records) expect(Buffer.from(bytes).equals(expected)).toBe(true)
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('an unreferenced port works as long as something else keeps the process alive', async () => {
    const driver = driverOf()
    driver.unref()
    const { listener, clients, servers } = await connectPairs(driver, 1)
    const recorded = record(clients[0]!)
    const echo = record(servers[0]!)
    echo.received = (chunk) => servers[0]!.send([chunk], chunk.length)
    for (const connection of [...clients, ...servers]) connection.receiveStart()
    const alive = setInterval(() => undefined, 60_000)
    for (let round = 1; round <= 50; round++) {
      clients[0]!.send([numbered(100)], 100)
      await new Promise<void>((resolve) => {
        const received = recorded.received
        recorded.received = (chunk) => {
          received(chunk)
          recorded.received = received
          resolve()
        }
      })
    }
    clearInterval(alive)
    expect(recorded.bytes.length).toBe(5000)
    driver.ref()
    for (const connection of [...clients, ...servers]) connection.close(true)
    await listener.close()
  })

  test('a close without reset still sends the bytes of the same turn', async () => {
    const driver = driverOf()
    const { listener, clients, servers } = await connectPairs(driver, 1)
    const sender = record(clients[0]!)
    const receiver = record(servers[0]!)
    servers[0]!.receiveStart()
    clients[0]!.send([numbered(3000)], 3000)
    clients[0]!.close(false)
    expect(await sender.gone).toBeUndefined()
    await until(() => receiver.ended)
    expect(receiver.bytes).toEqual([...numbered(3000)])
    servers[0]!.close(false)
    await receiver.gone
    await listener.close()
  })
})
