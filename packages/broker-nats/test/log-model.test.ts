import type { EventHistory, LogEntry, LoggedTopic, LogPosition } from '@frameport/server'
import { expect, test } from 'vitest'
import { Draw } from '../../../tests/support/draw.ts'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { eventOf, said } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

const topics: readonly LoggedTopic[] = ['lobby', 'cellar', 'attic', 'empty'].map((room) => ({
  event: 'chat@1/line',
  topic: JSON.stringify({ room }),
}))

interface Kept {
  readonly topic: LoggedTopic
  readonly number: number
  readonly line: string
}

/** A model of a log, as a list. It shares no code with the log. */
class LogModel {
  readonly #kept: Kept[] = []
  readonly #gone: Kept[] = []
  readonly #topicEventsMax: number
  last = 0

  constructor(topicEventsMax: number) {
    this.#topicEventsMax = topicEventsMax
  }

  append(topic: LoggedTopic, line: string): number {
    this.last += 1
    this.#kept.push({ topic, number: this.last, line })
    const [oldest, ...others] = this.#kept.filter((kept) => kept.topic === topic)
    if (oldest !== undefined && others.length >= this.#topicEventsMax) {
      this.#kept.splice(this.#kept.indexOf(oldest), 1)
      this.#gone.push(oldest)
    }
    return this.last
  }

  after(topic: LoggedTopic, number: number): Kept[] {
    return this.#kept.filter((kept) => kept.topic === topic && kept.number > number)
  }

  before(topic: LoggedTopic, number: number): Kept[] {
    return this.#kept.filter((kept) => kept.topic === topic && kept.number < number)
  }

  hasForgotten(topic: LoggedTopic, number: number): boolean {
    return this.#gone.some((gone) => gone.topic === topic && gone.number > number)
  }
}

function seen(entries: readonly LogEntry[]): { number: number; line: string }[] {
  return entries.map((entry) => ({ number: entry.position.number, line: said(entry) }))
}

function wanted(kept: readonly Kept[]): { number: number; line: string }[] {
  return kept.map(({ number, line }) => ({ number, line }))
}

async function checkForwards(
  log: EventHistory,
  model: LogModel,
  draw: Draw,
  position: LogPosition,
): Promise<void> {
  const topic = draw.pick(topics)
  const expected = wanted(model.after(topic, position.number))
  const isForgotten = model.hasForgotten(topic, position.number)
  const found: { number: number; line: string }[] = []
  const eventsMax = draw.int(2, 20)
  const bytesMax = draw.int(1, 400)
  for (let at = position, isFirst = true; ; isFirst = false) {
    const reading = await log.after({ ...topic, position: at, eventsMax, bytesMax })
    // A log may report a gap that does not exist, but must never hide one.
    if (isFirst && isForgotten) expect(reading.missed).toBe(0)
    if (!isFirst) expect(reading.missed).toBeUndefined()
    expect(reading.entries.length).toBeLessThanOrEqual(eventsMax)
    const bytes = reading.entries.reduce((sum, { body }) => sum + body.bytes.length, 0)
    if (reading.entries.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax)
    found.push(...seen(reading.entries))
    expect(reading.position.number).toBeGreaterThanOrEqual(found.at(-1)?.number ?? at.number)
    if (reading.isEnd) break
    expect(reading.entries.length).toBeGreaterThan(0)
    at = reading.position
  }
  expect(found).toEqual(expected)
}

async function checkBackwards(
  log: EventHistory,
  model: LogModel,
  draw: Draw,
  position: LogPosition,
): Promise<void> {
  const topic = draw.pick(topics)
  const isNewest = draw.chance(0.3)
  const expected = wanted(model.before(topic, isNewest ? Number.POSITIVE_INFINITY : position.number))
  const found: { number: number; line: string }[] = []
  const eventsMax = draw.int(2, 20)
  const bytesMax = draw.int(1, 400)
  for (let at = isNewest ? undefined : position; ; ) {
    const { entries, isStart } = await log.before({ ...topic, position: at, eventsMax, bytesMax })
    expect(entries.length).toBeLessThanOrEqual(eventsMax)
    const bytes = entries.reduce((sum, { body }) => sum + body.bytes.length, 0)
    if (entries.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax)
    found.unshift(...seen(entries))
    expect(isStart).toBe(found.length === expected.length)
    if (isStart) break
    expect(entries.length).toBeGreaterThan(0)
    at = entries[0]?.position
  }
  expect(found).toEqual(expected)
}

describeWithNats('a log on JetStream, compared with a list', () => {
  test.each([1, 2, 3, 4])('reads the same pages in both directions, with schedule %i', async (seed) => {
    const draw = new Draw(seed)
    const topicEventsMax = draw.pick([20, 60, 1_000])
    const log = await (await connection(await natsServer())).log({ limits: { topicEventsMax } })
    const model = new LogModel(topicEventsMax)
    const { position: start } = await log.after({
      ...topics[0]!,
      position: undefined,
      eventsMax: 1,
      bytesMax: 1,
    })
    for (let round = 0; round < 8; round += 1) {
      // Bursts of one topic, and alternating topics.
      const busy = draw.pick(topics.slice(0, 3))
      const appended = Array.from({ length: draw.int(1, 60) }, (_, index) => {
        const topic = draw.chance(0.7) ? busy : draw.pick(topics.slice(0, 3))
        const line = `${round}.${index} ${'x'.repeat(draw.int(0, 120))}`
        return { number: model.append(topic, line), place: log.append(eventOf(topic, line)) }
      })
      for (const { number, place } of appended) expect((await place).number).toBe(number)
      for (let check = 0; check < 3; check += 1) {
        const position = { ...start, number: draw.int(0, model.last) }
        await checkForwards(log, model, draw, position)
        await checkBackwards(log, model, draw, position)
      }
    }
  })

  test('finds the newest events of a rarely used topic in a long log, and of a topic with one burst', async () => {
    const log = await (await connection(await natsServer())).log()
    const [busy, seldom] = topics as [LoggedTopic, LoggedTopic]
    const lines = Array.from({ length: 100 }, (_, index) => `seldom ${index}`)
    await Promise.all(lines.map((line) => log.append(eventOf(seldom, line))))
    await Promise.all(Array.from({ length: 5_000 }, () => log.append(eventOf(busy, 'x'))))
    const page = await log.before({ ...seldom, position: undefined, eventsMax: 5, bytesMax: 10_000 })
    expect(page.entries.map(said)).toEqual(lines.slice(-5))
    const newest = await log.before({ ...busy, position: undefined, eventsMax: 5, bytesMax: 10_000 })
    expect(newest.entries.map(({ position }) => position.number)).toEqual([5_096, 5_097, 5_098, 5_099, 5_100])
    expect(newest.isStart).toBe(false)
  })
})
