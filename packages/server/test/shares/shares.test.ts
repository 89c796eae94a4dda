import { describe, expect, it } from 'vitest'
import { serverLimits } from '../../src/index.ts'
import type { Logger } from '../../src/logger.ts'
import { Membership } from '../../src/shares/membership.ts'
import { Seats } from '../../src/shares/seats.ts'
import type { Share } from '../../src/shares/share.ts'
import { Shares } from '../../src/shares/shares.ts'
import { TestClock } from '../support/test-clock.ts'

const limits = {
  ...serverLimits,
  connectionsPerShareMax: 2,
  handlersPerShareMax: 3,
  refusalsPerShareSecondMax: 4,
  logLinesPerShareSecondMax: 5,
}

function openShares(shareKey?: (facts: { remoteEndpoint: string; context: unknown }) => unknown) {
  const clock = new TestClock()
  const lines: { level: keyof Logger; facts: object; text: string }[] = []
  const line = (level: keyof Logger) => (facts: object, text: string) =>
    void lines.push({ level, facts, text })
  const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const shares = new Shares({ environment: clock, log, limits, shareKey })
  const of = (remoteEndpoint: string, context?: unknown) => shares.of({ remoteEndpoint, context })
  return { clock, lines, shares, of }
}

const here = 'tcp://192.0.2.1:1'
const hasSeat = (share: Share) => share.seats.take() !== undefined
const taken = (take: () => boolean, times: number) => Array.from({ length: times }, take)

describe('A share', () => {
  it('is the same for every connection with one key, and different for each key', () => {
    const { of } = openShares()
    expect(of(here)).toBe(of('tcp://192.0.2.1:2'))
    expect(of(here)).not.toBe(of('tcp://192.0.2.2:1'))
  })

  it.each<[string, (share: Share) => boolean, number]>([
    ['connections', hasSeat, 2],
    ['handlers', (share) => share.takeHandler(), 3],
    ['refusals', (share) => share.takeRefusal(), 4],
  ])('accepts %s up to its limit, and not one more', (_, take, max) => {
    const { of } = openShares()
    const share = of(here)
    expect(taken(() => take(share), max + 3)).toEqual(Array.from({ length: max + 3 }, (_, i) => i < max))
    expect(take(of('tcp://192.0.2.2:1'))).toBe(true)
  })

  it('has no limit if there is no key', () => {
    const { of, lines, shares } = openShares()
    const share = of('memory:')
    for (const take of [hasSeat, () => share.takeHandler(), () => share.takeRefusal()])
      expect(new Set(taken(() => take(share), 10_000))).toEqual(new Set([true]))
    for (let index = 0; index < 1_000; index++) share.log.info({}, 'a line')
    expect([lines.length, shares.size]).toEqual([1_000, 0])
  })

  it('is forgotten a second after its last connection and handler, with its timer', () => {
    const { clock, shares, of } = openShares()
    const share = of(here)
    const seat = share.seats.take()
    share.takeHandler()
    clock.advance(5_000)
    seat?.leave()
    clock.advance(5_000)
    expect([shares.size, clock.timers.length]).toEqual([1, 0])
    share.leaveHandler()
    clock.advance(1_000)
    expect([shares.size, clock.timers.length]).toEqual([0, 0])
  })

  it('is kept while it has a connection or a handler, whichever ends first, and needs no timer meanwhile', () => {
    const { clock, shares, of } = openShares()
    const share = of(here)
    const [first, second] = [share.seats.take(), share.seats.take()]
    share.takeHandler()
    clock.advance(1_000)
    share.leaveHandler()
    first?.leave()
    expect(clock.timers).toEqual([])
    clock.advance(10_000)
    expect([shares.size, of(here) === share]).toEqual([1, true])
    second?.leave()
    clock.advance(1_000)
    expect([shares.size, clock.timers.length]).toEqual([0, 0])
  })

  it.each<[string, (share: Share) => unknown]>([
    ['refusals', (share) => share.takeRefusal()],
    ['lines', (share) => share.log.info({}, 'a line')],
  ])('is kept until its allowance of %s is full again', (_, use) => {
    const { clock, shares, of } = openShares()
    const share = of(here)
    clock.advance(900)
    for (let index = 0; index < 4; index++) use(share)
    clock.advance(100)
    expect([shares.size, of(here) === share]).toEqual([1, true])
    clock.advance(2_000)
    expect([shares.size, clock.timers.length]).toEqual([0, 0])
  })

  it('keeps its limits if a client leaves and connects again', () => {
    const { clock, of } = openShares()
    const first = of(here)
    const seat = first.seats.take()
    expect(taken(() => first.takeRefusal(), 4)).not.toContain(false)
    seat?.leave()
    clock.advance(100)
    expect(of(here)).toBe(first)
    expect(first.takeRefusal()).toBe(false)
  })
})

describe('The log lines of a share', () => {
  it.each([
    ['at', 5, 0],
    ['one over', 6, 1],
    ['far over', 1_000, 995],
  ])('%s the limit: %i lines, of which %i are left out and counted', (_, count, leftOut) => {
    const { clock, lines, of } = openShares()
    const { log } = of(here)
    for (let index = 0; index < count; index++) log.warn({ index }, 'a line')
    expect(lines).toHaveLength(5)
    clock.advance(1_000)
    expect(lines.slice(5)).toMatchObject(
      leftOut === 0 ? [] : [{ level: 'warn', facts: { share: '192.0.2.1', lines: leftOut } }],
    )
    log.warn({}, 'a line')
    expect(lines.at(-1)?.text).toBe('a line')
  })

  it('are limited for each level, so that many lines of one level do not hide errors', () => {
    const { lines, of } = openShares()
    const { log } = of(here)
    for (let index = 0; index < 1_000; index++) log.debug({}, 'a line')
    log.error({}, 'an error')
    expect(lines.map(({ level }) => level).filter((level) => level !== 'debug')).toEqual(['error'])
  })

  it('that were left out are reported when the server closes, and no timer remains', () => {
    const { clock, lines, shares, of } = openShares()
    const { log } = of(here)
    for (let index = 0; index < 7; index++) log.info({}, 'a line')
    shares.close()
    expect(lines.at(-1)?.facts).toEqual({ share: '192.0.2.1', lines: 2 })
    expect([shares.size, clock.timers.length]).toEqual([0, 0])
  })
})

describe('A share of a closed server', () => {
  it('counts handlers until they stop, without a timer', () => {
    const { clock, shares, of } = openShares()
    const share = of(here)
    share.takeHandler()
    shares.close()
    expect(shares.size).toBe(1)
    share.leaveHandler()
    expect([shares.size, clock.timers.length]).toEqual([0, 0])
  })
})

describe('A membership', () => {
  it('counts a connection once, however often it leaves', () => {
    const { of } = openShares()
    const memberships = [
      new Membership(new Seats(limits), of(here), limits),
      new Membership(new Seats(limits), of(here), limits),
    ]
    expect(() => new Membership(new Seats(limits), of(here), limits)).toThrowError(
      expect.objectContaining({ code: 'CONNECTIONS_PER_SHARE_MAX' }),
    )
    memberships[0]?.leave()
    memberships[0]?.leave()
    expect(taken(() => hasSeat(of(here)), 2)).toEqual([true, false])
  })

  it('moves from the share of the address to the share of a principal, if that has room', () => {
    const { of } = openShares(({ context, remoteEndpoint }) => context ?? remoteEndpoint)
    const join = () => new Membership(new Seats(limits), of(here), limits)
    const first = join()
    first.move(of(here, 'ada'))
    const second = join()
    second.move(of(here, 'ada'))
    const third = join()
    expect(() => third.move(of(here, 'ada'))).toThrowError(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_000 }),
    )
    third.leave()
    for (const membership of [first, second]) membership.leave()
    for (const share of [of(here), of(here, 'ada')])
      expect(taken(() => hasSeat(share), 3)).toEqual([true, true, false])
  })

  it('does not move after it has ended', () => {
    const { of } = openShares(({ context }) => context ?? 'address')
    const membership = new Membership(new Seats(limits), of(here), limits)
    membership.leave()
    membership.move(of(here, 'ada'))
    expect(taken(() => hasSeat(of(here, 'ada')), 3)).toEqual([true, true, false])
  })
})

describe('A shareKey', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no key')
      },
      'shareKey threw',
    ],
    ['returns a number', () => 5, 'shareKey returned 5, not a string'],
    ['returns null', () => null, 'shareKey returned null, not a string'],
    ['returns an empty string', () => '', 'shareKey returned an empty string'],
    ['returns a promise', () => Promise.reject(new Error('late')), 'not a string'],
  ])('that %s is refused with the reason', (_, shareKey, text) => {
    const { of } = openShares(shareKey)
    expect(() => of(here)).toThrowError(
      expect.objectContaining({ code: 'SHARE_KEY_FAILED', message: expect.stringContaining(text) }),
    )
  })

  it('that throws is refused, with its error as the cause', () => {
    const cause = new Error('no key')
    const { of } = openShares(() => {
      throw cause
    })
    expect(() => of(here)).toThrowError(expect.objectContaining({ cause }))
  })
})
