import { expect, test } from 'vitest'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import type { NatsBrokerState } from '../src/index.ts'
import { cellar, eventOf, Heard, lobby } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

describeWithNats('a bus whose NATS server is away', () => {
  test('fails at once, listens again when it is back, and reports a gap before later events', async () => {
    const server = await natsServer()
    const states: NatsBrokerState[] = []
    const one = await connection(server, { onStateChange: (state) => states.push(state) })
    const other = await connection(server)
    const [told, heard] = [new Heard(), new Heard()]
    const [publisher, listener] = [one.bus.join(told), other.bus.join(heard)]
    await listener.listen(lobby)
    await publisher.publish(eventOf(lobby, 'before'))
    await until(() => heard.all.length > 0)
    await server.kill()
    await until(() => one.state === 'away' && other.state === 'away')
    const beganAt = performance.now()
    await expect(publisher.publish(eventOf(lobby, 'lost'))).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    await expect(listener.listen(cellar)).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    await expect(one.log()).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    expect(performance.now() - beganAt).toBeLessThan(1_000)
    await server.start()
    await until(() => states.includes('connected') && heard.gaps.includes('gap'))
    expect(states).toEqual(['away', 'connected'])
    expect(told.gaps).toContain('gap')
    await publisher.publish(eventOf(lobby, 'behind'))
    await publisher.publish(eventOf(cellar, 'the topic of before'))
    await until(() => heard.events.length > 2)
    expect(heard.events).toEqual(['before', 'behind', 'the topic of before'])
    expect(heard.all.indexOf('gap')).toBeLessThan(heard.all.indexOf('behind'))
  })

  test('rejects pending events, delivers none twice, and marks missing ones with gaps, however many outages there are', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const publisher = broker.bus.join(new Heard())
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    const taken = new Set<string>()
    let isOver = false
    let count = 0
    const publishing = (async () => {
      while (!isOver) {
        const line = String(count++)
        await Promise.resolve(publisher.publish(eventOf(lobby, line))).then(
          () => taken.add(line),
          // A rejection needs no turn of the event loop, so this waits for one.
          () => new Promise((resolve) => setImmediate(resolve)),
        )
      }
    })()
    for (let outage = 0; outage < 3; outage += 1) {
      const before = taken.size
      await until(() => taken.size > before + 200)
      await server.kill()
      await until(() => broker.state === 'away')
      await server.start()
      await until(() => broker.state === 'connected')
    }
    const before = taken.size
    await until(() => taken.size > before + 200)
    isOver = true
    await publishing
    await publisher.publish(eventOf(lobby, 'end'))
    await until(() => heard.all.at(-1) === 'end')
    const numbers = heard.events.slice(0, -1).map(Number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(heard.gaps.length).toBeGreaterThanOrEqual(3)
    // If events are missing between two events, there must be a gap between them.
    let last = -1
    let isMarked = true
    for (const entry of heard.all.slice(0, -1)) {
      if (entry.startsWith('gap')) isMarked = true
      else {
        if (Number(entry) !== last + 1) expect(isMarked, `before ${entry}`).toBe(true)
        last = Number(entry)
        isMarked = false
      }
    }
  })

  test('rejects events that a suspended server does not read, holds a bounded number of bytes, and recovers', async () => {
    const server = await natsServer()
    const broker = await connection(server, {
      requestTimeoutMs: 300,
      limits: { waitingBytesMax: 100_000 },
    })
    const publisher = broker.bus.join(new Heard())
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    await publisher.publish(eventOf(lobby, 'before'))
    await server.suspend()
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, () => publisher.publish(eventOf(lobby, 'x'.repeat(1_000)))),
    )
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'taken'))
    const silent = codes.filter((code) => code === 'BROKER_SILENT').length
    expect(silent).toBeGreaterThan(80)
    expect(silent).toBeLessThanOrEqual(100)
    expect(codes.filter((code) => code === 'TOO_MUCH_WAITING')).toHaveLength(200 - silent)
    const [first] = results
    expect((first as PromiseRejectedResult).reason.message).toContain('requestTimeoutMs')
    await expect(publisher.listen(cellar)).rejects.toMatchObject({ code: 'BROKER_SILENT' })
    server.resume()
    // The server reads what it was sent before, and the rest is a gap.
    await until(() => heard.gaps.length > 0)
    await until(
      async () =>
        (await Promise.allSettled([publisher.publish(eventOf(lobby, 'after'))]))[0]?.status === 'fulfilled',
    )
    await until(() => heard.events.at(-1) === 'after')
    expect(heard.events.filter((event) => event.startsWith('x'))).toHaveLength(silent)
  })

  test('reports a gap if the server confirms a subscription too late', async () => {
    const server = await natsServer()
    const broker = await connection(server, { requestTimeoutMs: 100 })
    const heard = new Heard()
    const listener = broker.bus.join(heard)
    await server.suspend()
    await expect(listener.listen(lobby)).rejects.toMatchObject({ code: 'BROKER_SILENT' })
    expect(heard.all).toEqual([])
    server.resume()
    await until(() => heard.all.length > 0)
    expect(heard.all).toEqual([`gap ${lobby.topic}`])
    const publisher = (await connection(server)).bus.join(new Heard())
    await publisher.publish(eventOf(lobby, 'heard'))
    await until(() => heard.events.length > 0)
  })

  test('gives up the connection of a permanently suspended server, even if the kernel accepts no more bytes', async () => {
    const server = await natsServer()
    const broker = await connection(server, {
      pingIntervalMs: 100,
      connectTimeoutMs: 200,
      requestTimeoutMs: 500,
      limits: { waitingBytesMax: 64 * 1024 * 1024 },
    })
    const publisher = broker.bus.join(new Heard())
    await server.suspend()
    const body = 'x'.repeat(1_000_000)
    const publications = Array.from({ length: 40 }, () => publisher.publish(eventOf(lobby, body)))
    const results = await Promise.allSettled(publications)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    await until(() => broker.state === 'away')
    server.resume()
    await until(() => broker.state === 'connected')
    await publisher.publish(eventOf(lobby, 'again'))
  })

  test('reports a gap to the others if only the publisher lost an event', async () => {
    const server = await natsServer()
    const heard = new Heard()
    const listener = (await connection(server)).bus.join(heard)
    await listener.listen(lobby)
    const broker = await connection(server, { limits: { waitingBytesMax: 1_000 } })
    const publisher = broker.bus.join(new Heard())
    const results = await Promise.allSettled([
      publisher.publish(eventOf(lobby, 'x'.repeat(900))),
      publisher.publish(eventOf(lobby, 'over the limit, and not handed over')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: { code: 'TOO_MUCH_WAITING' } })
    await until(() => heard.gaps.length > 0)
    expect(heard.all).toEqual(['x'.repeat(900), `gap ${lobby.topic}`])
  })

  test('reports one gap for all topics to the others if more topics lost events than it remembers', async () => {
    const server = await natsServer()
    const heard = new Heard()
    ;(await connection(server)).bus.join(heard)
    const broker = await connection(server, { limits: { waitingBytesMax: 200_000 } })
    const publisher = broker.bus.join(new Heard())
    const topics = Array.from({ length: 1_100 }, (_, index) => ({ ...lobby, topic: `{"room":${index}}` }))
    const results = await Promise.allSettled([
      publisher.publish(eventOf(lobby, 'x'.repeat(199_900))),
      ...topics.map((topic) => publisher.publish(eventOf(topic, 'over the limit'.repeat(10)))),
    ])
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(1_000)
    await until(() => heard.all.length > 0)
    expect(heard.all).toEqual(['gap'])
  })
})
