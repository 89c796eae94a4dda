import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { ConnectionAges } from '../../src/connection-ages.ts'
import { join, opened } from '../support/joined.ts'
import { joinReturning } from '../support/returning.ts'
import { TestClock } from '../support/test-clock.ts'

class RandomClock extends TestClock {
  drawn: number[] = []

  override random(): number {
    return this.drawn.shift() ?? 0.5
  }
}

function aging(ageMs = 10_000, noticeMs = 1_000) {
  const clock = new RandomClock()
  const ages = new ConnectionAges({ environment: clock, ageMs, noticeMs })
  const told: [what: string, atMs: number][] = []
  const connection = (name: string) => ({
    announceEnd: () => void told.push([`${name} announced`, clock.nowMs()]),
    close: async () => void told.push([`${name} closed`, clock.nowMs()]),
  })
  return { clock, ages, told, connection }
}

describe('The age of connections', () => {
  it.each([
    [0, 9_000],
    [0.5, 10_000],
    [0.999_999, 11_000],
  ])('varies by up to a tenth: after %d is drawn it ends at about %d ms', (drawn, atMs) => {
    const { clock, ages, told, connection } = aging()
    clock.drawn = [drawn]
    ages.began(connection('it'))
    clock.advance(60_000)
    expect(told.map(([what]) => what)).toEqual(['it announced', 'it closed'])
    const [[, announcedMs], [, closedMs]] = told as [[string, number], [string, number]]
    expect(announcedMs).toBeGreaterThanOrEqual(Math.floor(atMs - 0.1))
    expect(announcedMs).toBeLessThan(atMs + 10_000 / 64 + 1)
    expect(closedMs - announcedMs).toBe(1_000)
    expect(clock.timers).toEqual([])
  })

  it('needs one timer for all connections, and none without connections', () => {
    const { clock, ages, told, connection } = aging()
    const many = Array.from({ length: 1_000 }, (_, index) => connection(String(index)))
    for (const [index, one] of many.entries()) {
      clock.drawn = [((index * 7) % 10) / 10]
      ages.began(one)
      clock.advance(1)
      expect(clock.timers).toHaveLength(1)
    }
    for (const one of many.slice(500)) ages.ended(one)
    clock.advance(60_000)
    expect(told).toHaveLength(1_000)
    expect(new Set(told.map(([what]) => what)).size).toBe(1_000)
    expect(clock.timers).toEqual([])
    ages.began(many[0]!)
    ages.ended(many[0]!)
    ages.ended(many[0]!)
    expect(clock.timers).toEqual([])
  })

  it('may be many years or one millisecond', () => {
    const years = aging(2 ** 40)
    years.ages.began(years.connection('old'))
    years.clock.advance(2 ** 39)
    expect(years.told).toEqual([])
    const short = aging(1, 0)
    short.ages.began(short.connection('young'))
    short.clock.advance(5)
    expect(short.told.map(([what]) => what)).toEqual(['young announced', 'young closed'])
  })
})

const desk = contract('desk', { version: 1, procedures: { wait: procedure({}) } })
const openDesk = (options: object) =>
  opened(implement(desk).handlers({ wait: () => new Promise(() => undefined) }), options)

describe('A connection of a server with maxConnectionAgeMs', () => {
  it('is announced to end, drained and closed, while younger connections stay open', async () => {
    const stage = openDesk({
      maxConnectionAgeMs: 100_000,
      limits: { closeGraceMs: 2_000, heartbeatIntervalMs: 0 },
    })
    const goaways: boolean[] = []
    const old = await join(stage, {
      handlers: { goaway: ({ isFinal }) => void goaways.push(isFinal) },
      limits: { heartbeatIntervalMs: 0 },
    })
    const open = old.call('desk@1/wait')
    open.catch(() => undefined)
    stage.clock.advance(50_000)
    const young = await join(stage, { limits: { heartbeatIntervalMs: 0 } })
    stage.clock.advance(40_000)
    await stage.settle()
    expect([goaways, old.connection.state]).toEqual([[false], 'open'])
    stage.clock.advance(2_000)
    await stage.settle()
    expect([goaways, old.connection.state]).toEqual([[false, true], 'draining'])
    stage.clock.advance(2_000)
    await stage.settle()
    expect([old.connection.state, young.connection.state]).toEqual(['closed', 'open'])
    await expect(open).rejects.toMatchObject({ code: 'UNAVAILABLE', maybeExecuted: true })
  })

  it('starts its age again when its session resumes, and has no age while it is detached', async () => {
    const limits = { closeGraceMs: 1_000, heartbeatIntervalMs: 0, resumeWindowMs: 1_000_000 }
    const stage = openDesk({ maxConnectionAgeMs: 100_000, limits })
    const client = await joinReturning(stage, { limits })
    stage.clock.advance(80_000)
    await client.cut()
    stage.clock.advance(80_000)
    expect(client.connection.state).toBe('detached')
    await client.comeBack()
    stage.clock.advance(89_000)
    await stage.settle()
    expect(client.connection.state).toBe('open')
    stage.clock.advance(2_000)
    await stage.settle()
    expect(client.connection.state).toBe('closed')
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, 2 ** 53])(
    '%s is refused',
    (maxConnectionAgeMs) => {
      expect(() => openDesk({ maxConnectionAgeMs })).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringContaining('maxConnectionAgeMs'),
        }),
      )
    },
  )
})
