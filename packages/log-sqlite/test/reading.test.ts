import { describe, expect, it } from 'vitest'
import { cleaningUp, line, lobby, newPath, open, page, start, texts } from './log-support.ts'

cleaningUp()

async function logOf(texts: readonly string[], path = ':memory:') {
  const log = await open(path)
  const places = await Promise.all(texts.map((text) => log.append(line(text))))
  return { log, places }
}

describe('after', () => {
  it('returns the end of the log if no position is given', async () => {
    const { log } = await logOf(['a', 'b'])
    expect(await log.after({ ...page, position: undefined })).toMatchObject({
      entries: [],
      position: { number: 2 },
      isEnd: true,
    })
  })

  it('returns pages of the requested number of events, each after the previous one', async () => {
    const { log } = await logOf(['a', 'b', 'c', 'd', 'e'])
    const first = await log.after({ ...page, position: await start(log), eventsMax: 2 })
    expect(texts(first.entries)).toEqual(['a', 'b'])
    expect(first).toMatchObject({ isEnd: false, position: { number: 2 } })
    const second = await log.after({ ...page, position: first.position, eventsMax: 3 })
    expect(texts(second.entries)).toEqual(['c', 'd', 'e'])
    expect(second).toMatchObject({ isEnd: true, position: { number: 5 } })
    expect(second).not.toHaveProperty('missed')
  })

  it('returns the requested number of bytes, and at least one event, however long it is', async () => {
    const { log } = await logOf(['aaaa', 'bbbb', 'c'.repeat(100), 'd'])
    const position = await start(log)
    const first = await log.after({ ...page, position, bytesMax: 12 })
    expect(texts(first.entries)).toEqual(['aaaa', 'bbbb'])
    const second = await log.after({ ...page, position: first.position, bytesMax: 12 })
    expect(texts(second.entries)).toEqual(['c'.repeat(100)])
    const third = await log.after({ ...page, position: second.position, bytesMax: 12 })
    expect(third).toMatchObject({ isEnd: true, position: { number: 4 } })
  })

  it('advances past the events of other topics', async () => {
    const { log } = await logOf(['a'])
    await log.append(line('other', { topic: '{"room":"kitchen"}' }))
    expect(await log.after({ ...page, position: await start(log) })).toMatchObject({
      isEnd: true,
      position: { number: 2 },
    })
    expect(await log.after({ ...page, topic: 'nobody', position: await start(log) })).toMatchObject({
      entries: [],
      isEnd: true,
      position: { number: 2 },
    })
  })

  it('returns nothing, and reports missing events, for a position of another log and for a future one', async () => {
    const { log, places } = await logOf(['a', 'b'])
    const other = { log: new Uint8Array(16), number: 1 }
    const expected = { entries: [], position: { number: 2 }, isEnd: true, missed: 0 }
    expect(await log.after({ ...page, position: other })).toMatchObject(expected)
    expect(await log.after({ ...page, position: { log: places[0]!.log, number: 3 } })).toMatchObject(expected)
  })

  it('sees events that were appended before it was called', async () => {
    const log = await open(newPath())
    const position = await start(log)
    const appended = [log.append(line('a')), log.append(line('b'))]
    expect(texts((await log.after({ ...page, position })).entries)).toEqual(['a', 'b'])
    await Promise.all(appended)
  })
})

describe('before', () => {
  it('returns the newest events, oldest first, and earlier pages from there', async () => {
    const { log } = await logOf(['a', 'b', 'c', 'd', 'e'])
    const newest = await log.before({ ...page, position: undefined, eventsMax: 2 })
    expect(texts(newest.entries)).toEqual(['d', 'e'])
    expect(newest.isStart).toBe(false)
    const older = await log.before({ ...page, position: newest.entries[0]!.position, eventsMax: 3 })
    expect(texts(older.entries)).toEqual(['a', 'b', 'c'])
    expect(older.isStart).toBe(true)
    expect(await log.before({ ...page, position: older.entries[0]!.position })).toEqual({
      entries: [],
      isStart: true,
    })
  })

  it('returns the requested number of bytes, and at least one event, however long it is', async () => {
    const { log } = await logOf(['c'.repeat(100), 'aaaa', 'bbbb'])
    const newest = await log.before({ ...page, position: undefined, bytesMax: 12 })
    expect(texts(newest.entries)).toEqual(['aaaa', 'bbbb'])
    expect(newest.isStart).toBe(false)
    const older = await log.before({ ...page, position: newest.entries[0]!.position, bytesMax: 12 })
    expect(older).toMatchObject({ isStart: true, entries: [{ position: { number: 1 } }] })
  })

  it('returns the newest events for a position of another log', async () => {
    const { log } = await logOf(['a', 'b'])
    const position = { log: new Uint8Array(16), number: 1 }
    expect(texts((await log.before({ ...page, position })).entries)).toEqual(['a', 'b'])
  })

  it('returns nothing for a topic without events', async () => {
    const { log } = await logOf(['a'])
    const reading = await log.before({ ...page, ...lobby, topic: 'nobody', position: undefined })
    expect(reading).toEqual({ entries: [], isStart: true })
  })
})
