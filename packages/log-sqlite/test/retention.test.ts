import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { all, cleaningUp, line, lobby, newPath, open, page, start, texts } from './log-support.ts'

cleaningUp()

const kitchen = { ...lobby, topic: '{"room":"kitchen"}' }

describe('a log over a limit', () => {
  it.each([3, 4, 50])('of events has the newest three of %i, and reports a gap', async (count) => {
    const log = await open(':memory:', { limits: { eventsMax: 3 } })
    const lines = Array.from({ length: count }, (_, index) => `${index}`)
    for (const text of lines) await log.append(line(text))
    expect(texts(await all(log))).toEqual(lines.slice(-3))
    const reading = await log.after({ ...page, position: await start(log) })
    expect(reading.missed).toBe(count > 3 ? 0 : undefined)
  })

  it('of bytes has the newest events that fit', async () => {
    const cost = '"a"'.length + lobby.event.length + lobby.topic.length + 64
    const log = await open(':memory:', { limits: { bytesMax: 2 * cost } })
    for (const text of ['a', 'b', 'c', 'd', 'e']) await log.append(line(text))
    expect(texts(await all(log))).toEqual(['d', 'e'])
  })

  it('of one topic does not affect the others', async () => {
    const log = await open(':memory:', { limits: { topicEventsMax: 2 } })
    await log.append(line('kitchen', kitchen))
    for (const text of ['a', 'b', 'c']) await log.append(line(text))
    expect(texts(await all(log))).toEqual(['b', 'c'])
    expect(texts(await all(log, kitchen))).toEqual(['kitchen'])
    const reading = await log.after({ ...page, ...kitchen, position: await start(log) })
    expect(reading).not.toHaveProperty('missed')
  })

  it('of age deletes older events, even if nothing is appended', async () => {
    const log = await open(':memory:', { limits: { ageMsMax: 100 } })
    await log.append(line('a', { id: 'x' }))
    await expect.poll(() => all(log)).toEqual([])
    expect(await log.append(line('a', { id: 'x' }))).toMatchObject({ number: 2 })
  })
})

describe('the file of a log', () => {
  it('does not grow once the log is full', async () => {
    const path = newPath()
    const log = await open(path, { durability: 'process', limits: { eventsMax: 500 } })
    const append = (count: number) =>
      Promise.all(Array.from({ length: count }, () => log.append(line('x'.repeat(1000)))))
    for (let round = 0; round < 4; round++) await append(500)
    const full = statSync(path).size
    for (let round = 0; round < 12; round++) await append(500)
    expect(statSync(path).size).toBeLessThan(full * 1.5 + 100_000)
  })

  it('shrinks when most of it is free', async () => {
    const path = newPath()
    const many = await open(path, { durability: 'process' })
    await Promise.all(Array.from({ length: 8000 }, () => many.append(line('x'.repeat(1000)))))
    await many.close()
    const before = statSync(path).size
    expect(before).toBeGreaterThan(8_000_000)
    const few = await open(path, { durability: 'process', limits: { eventsMax: 10 } })
    await expect.poll(async () => (await all(few)).length).toBe(10)
    await expect.poll(() => statSync(path).size).toBeLessThan(before / 1.5)
    expect(await all(few)).toHaveLength(10)
  })
})
