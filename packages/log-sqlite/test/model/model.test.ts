import { type SqliteEventLog, sqliteEventLog } from '@frameport/log-sqlite'
import type { EventToLog, LogEntry } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { Draw } from '../../../../tests/support/draw.ts'
import { cleaningUp, newPath } from '../log-support.ts'
import { LogModel, type ModelEvent, type ModelLimits } from './model.ts'

cleaningUp()

const event = 'model@1/line'
const topics = ['a', 'b', 'c', 'd']
const seeds = [1, 2, 3, 4, 5, 6]
const steps = 80
const query = { event, eventsMax: 1000, bytesMax: 1 << 20 } as const

function drawLimits(draw: Draw): ModelLimits {
  return {
    eventsMax: draw.int(5, 120),
    bytesMax: draw.int(2_000, 30_000),
    topicEventsMax: draw.int(2, 60),
  }
}

function summary(entries: readonly LogEntry[]): { number: number; text: string }[] {
  return entries.map(({ position, body }) => ({
    number: position.number,
    text: Buffer.from(body.bytes).toString(),
  }))
}

function expected(events: readonly ModelEvent[]): { number: number; text: string }[] {
  return events.map(({ number, text }) => ({ number, text }))
}

/** One log and its model. After each step, both must agree. */
class Run {
  readonly #draw: Draw
  readonly #path = newPath()
  readonly #model: LogModel
  #log!: SqliteEventLog
  /** The numbers that followers received since the log was opened, by topic. */
  #told = new Map<string, number[]>()
  #appended = new Map<string, number[]>()

  constructor(draw: Draw) {
    this.#draw = draw
    this.#model = new LogModel(drawLimits(draw))
  }

  async open(): Promise<void> {
    this.#log = await sqliteEventLog({ path: this.#path, durability: 'process', limits: this.#model.limits })
    this.#told = new Map(topics.map((topic) => [topic, []]))
    this.#appended = new Map(topics.map((topic) => [topic, []]))
    for (const topic of topics) {
      this.#log.follow(
        { event, topic },
        {
          event: ({ position }) => void this.#told.get(topic)?.push(position.number),
          missed: () => expect.unreachable('nothing is missed'),
        },
      )
    }
  }

  async close(): Promise<void> {
    expect(this.#told).toEqual(this.#appended)
    await this.#log.close()
  }

  async step(): Promise<void> {
    const kind = this.#draw.weighted({ append: 8, after: 6, before: 6, restart: 1 })
    if (kind === 'append') await this.#append()
    else if (kind === 'after') await this.#after()
    else if (kind === 'before') await this.#before()
    else await this.#restart()
  }

  async #append(): Promise<void> {
    const events = Array.from({ length: this.#draw.int(1, 30) }, () => this.#event())
    const places = await Promise.all(events.map((one) => this.#log.append(one)))
    const modelled = events.map(({ topic, id, body }) => {
      const text = Buffer.from(body.bytes).toString()
      const cost = text.length + event.length + topic.length + (id?.length ?? 0) + 64
      const place = this.#model.append({ topic, id, text, cost })
      if (!place.isRepeat) this.#appended.get(topic)?.push(place.number)
      return place
    })
    this.#model.trim()
    expect(places.map(({ number, isRepeat = false }) => ({ number, isRepeat }))).toEqual(modelled)
  }

  #event(): EventToLog {
    const length = this.#draw.int(0, 200)
    const body = { encoding: 'codec', bytes: Buffer.from('x'.repeat(length)) } as const
    const id = this.#draw.chance(0.3) ? `${this.#draw.int(1, 40)}` : undefined
    return { event, topic: this.#draw.pick(topics), body, id }
  }

  /** Reads page by page, from a position whose event may have been deleted. */
  async #after(): Promise<void> {
    const topic = this.#draw.pick(topics)
    const number = this.#draw.int(0, this.#model.last)
    const { events, isMissing } = this.#model.after(topic, number)
    const sizes = { eventsMax: this.#draw.int(1, 20), bytesMax: this.#draw.int(0, 1000) }
    const found: LogEntry[] = []
    let position = await this.#position(number)
    for (let isFirst = true; ; isFirst = false) {
      const reading = await this.#log.after({ event, topic, position, ...sizes })
      expect(reading.missed).toBe(isFirst && isMissing ? 0 : undefined)
      this.#checkPage(reading.entries, sizes)
      found.push(...reading.entries)
      position = reading.position
      if (reading.isEnd) break
    }
    expect(position.number).toBe(this.#model.last)
    expect(summary(found)).toEqual(expected(events))
  }

  async #before(): Promise<void> {
    const topic = this.#draw.pick(topics)
    const number = this.#draw.int(1, this.#model.last + 1)
    const sizes = { eventsMax: this.#draw.int(1, 20), bytesMax: this.#draw.int(0, 1000) }
    const found: LogEntry[] = []
    let position = await this.#position(number)
    for (;;) {
      const reading = await this.#log.before({ event, topic, position, ...sizes })
      this.#checkPage(reading.entries, sizes)
      found.unshift(...reading.entries)
      position = reading.entries[0]?.position ?? position
      if (reading.isStart) break
    }
    expect(summary(found)).toEqual(expected(this.#model.before(topic, number)))
  }

  #checkPage(entries: readonly LogEntry[], { eventsMax, bytesMax }: { eventsMax: number; bytesMax: number }) {
    expect(entries.length).toBeLessThanOrEqual(eventsMax)
    if (entries.length < 2) return
    expect(entries.reduce((sum, { body }) => sum + body.bytes.length, 0)).toBeLessThanOrEqual(bytesMax)
  }

  /** Restarts the log, sometimes with other limits. Events over the new limits are gone once they are deleted. */
  async #restart(): Promise<void> {
    await this.close()
    if (this.#draw.chance(0.5)) this.#model.limits = drawLimits(this.#draw)
    await this.open()
    this.#model.trim()
    for (const topic of topics) {
      const position = await this.#position(0)
      await expect
        .poll(async () => summary((await this.#log.after({ ...query, topic, position })).entries))
        .toEqual(expected(this.#model.after(topic, 0).events))
    }
  }

  async #position(number: number) {
    const { position } = await this.#log.after({ ...query, topic: 'a', position: undefined })
    return { ...position, number }
  }
}

describe('a log agrees with its model', () => {
  it.each(seeds)('in random uses and restarts (seed %i)', async (seed) => {
    const run = new Run(new Draw(seed))
    await run.open()
    for (let step = 0; step < steps; step++) await run.step()
    await run.close()
  })
})
