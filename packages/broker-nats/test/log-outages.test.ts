import { expect, test } from 'vitest'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import { cellar, eventOf, Followed, lobby, said } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

const page = { eventsMax: 1_000, bytesMax: 10_000_000 }

describeWithNats('a log whose NATS server is away', () => {
  test('fails at once, knows its positions when the server is back, and tells followers that events may be missing', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const log = await broker.log()
    const followed = new Followed()
    await log.follow?.(lobby, followed).ready
    const place = await log.append(eventOf(lobby, 'before'))
    await until(() => followed.all.length > 0)
    await server.kill()
    await until(() => broker.state === 'away')
    const beganAt = performance.now()
    await expect(log.append(eventOf(lobby, 'lost'))).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    await expect(log.after({ ...lobby, position: place, ...page })).rejects.toMatchObject({
      code: 'BROKER_AWAY',
    })
    await expect(log.before({ ...lobby, position: place, ...page })).rejects.toMatchObject({
      code: 'BROKER_AWAY',
    })
    const late = new Followed()
    await expect(log.follow?.(lobby, late).ready).rejects.toMatchObject({ code: 'BROKER_AWAY' })
    expect(performance.now() - beganAt).toBeLessThan(1_000)
    await server.start()
    await until(() => followed.all.includes('missed') && late.all.includes('missed'))
    const behind = await log.append(eventOf(lobby, 'behind'))
    expect(behind).toEqual({ log: place.log, number: 2 })
    expect((await log.after({ ...lobby, position: place, ...page })).entries.map(said)).toEqual(['behind'])
    await until(() => followed.all.includes('behind') && late.all.includes('behind'))
    expect(followed.all).toEqual(['before', 'missed', 'behind'])
    expect(late.all).toEqual(['missed', 'behind'])
    expect(followed.previous).toEqual([0, 1])
  })

  test('keeps confirmed events, in order and once, if the server is killed repeatedly', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const log = await broker.log()
    const { position } = await log.after({ ...lobby, position: undefined, ...page })
    const places = new Map<string, number>()
    let isOver = false
    let count = 0
    const appending = (async () => {
      while (!isOver) {
        const line = String(count++)
        // Appended until it is confirmed. Its id makes it one event.
        while (!places.has(line)) {
          await Promise.resolve(log.append(eventOf(lobby, line, line))).then(
            ({ number }) => places.set(line, number),
            () => new Promise((resolve) => setImmediate(resolve)),
          )
        }
      }
    })()
    for (let outage = 0; outage < 3; outage += 1) {
      const before = places.size
      await until(() => places.size > before + 50)
      await server.kill()
      await until(() => broker.state === 'away')
      await server.start()
      await until(() => broker.state === 'connected')
    }
    isOver = true
    await appending
    const { entries, isEnd } = await log.after({ ...lobby, position, ...page })
    expect(isEnd).toBe(true)
    expect(entries.map((entry) => [said(entry), entry.position.number])).toEqual([...places])
  })

  test('is another log if the server has lost the events that it kept in memory', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const log = await broker.log({ storage: 'memory' })
    const place = await log.append(eventOf(lobby, 'lost'))
    await server.kill()
    await until(() => broker.state === 'away')
    await server.start()
    await until(() => broker.state === 'connected')
    const reading = await log.after({ ...lobby, position: place, ...page })
    expect(reading).toMatchObject({ entries: [], isEnd: true, missed: 0, position: { number: 0 } })
    expect(reading.position.log).not.toEqual(place.log)
    const anew = await log.append(eventOf(lobby, 'anew'))
    expect(anew).toEqual({ log: reading.position.log, number: 1 })
  })

  test('reports a gap if the end of its confirmed events is lost, and skips no later event', async () => {
    const server = await natsServer()
    const broker = await connection(server)
    const log = await broker.log()
    const restart = async (meanwhile: () => void) => {
      await server.kill()
      await until(() => broker.state === 'away')
      meanwhile()
      await server.start()
      await until(() => broker.state === 'connected')
    }
    const kept = await log.append(eventOf(lobby, 'kept'))
    await restart(() => server.saveStore())
    for (let index = 0; index < 5; index += 1) await log.append(eventOf(cellar, 'lost'))
    const lost = await log.append(eventOf(lobby, 'lost'))
    await restart(() => server.restoreStore())
    const reading = await log.after({ ...lobby, position: lost, ...page })
    expect(reading).toEqual({ entries: [], position: kept, isEnd: true, missed: 0 })
    // What the log knew of its end does not hide later events.
    const quiet = await log.after({ ...lobby, position: kept, ...page })
    expect(quiet).toEqual({ entries: [], position: kept, isEnd: true })
    await log.append(eventOf(lobby, 'new'))
    const anew = await log.after({ ...lobby, position: quiet.position, ...page })
    expect(anew.entries.map(said)).toEqual(['new'])
  })

  test('rejects requests that a suspended server does not answer, in time', async () => {
    const server = await natsServer()
    const broker = await connection(server, { requestTimeoutMs: 200, limits: { readingsMax: 1 } })
    const log = await broker.log()
    const place = await log.append(eventOf(lobby, 'before'))
    await server.suspend()
    const query = { ...lobby, position: place, ...page }
    const results = await Promise.allSettled([
      log.append(eventOf(lobby, 'x')),
      log.after(query),
      log.before(query),
      log.after(query),
    ])
    expect(results).toEqual(
      results.map(() =>
        expect.objectContaining({ reason: expect.objectContaining({ code: 'BROKER_SILENT' }) }),
      ),
    )
    await server.resume()
    await until(async () => (await Promise.allSettled([log.after(query)]))[0]?.status === 'fulfilled')
  })
})
