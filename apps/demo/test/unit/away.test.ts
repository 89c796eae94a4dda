import { beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import type { ChatService } from '../../src/server/chat-service.ts'
import { outletTo } from '../support/heard-outlet.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { startedService } from '../support/started-service.ts'

describe('A member whose connection is lost', () => {
  let clock = new ManualClock()
  let heard: string[] = []
  let service: ChatService
  const outlet = outletTo((row) => heard.push(row))
  const enter = async (name: string, { room = 'lobby', identity = `${name}'s` } = {}) => {
    const visitor = service.arrive(identity)
    const moves: string[] = []
    const outcome = await service.join(visitor, { room, name }, (to, from) =>
      moves.push(`${from ?? ''}>${to}`),
    )
    return { visitor, outcome, moves }
  }

  beforeEach(async () => {
    clock = new ManualClock()
    heard = []
    service = await startedService(outlet, clock)
  })

  test('for a short time is not away for the others', async () => {
    const { visitor } = await enter('alice')
    heard = []
    service.detached(visitor)
    await clock.move(limits.awayToldMs - 1)
    service.resumed(visitor)
    await clock.move(60_000)
    expect(heard).toEqual([])
    // The timer of the roster.
    expect(clock.timers).toBe(1)
  })

  test('for a longer time is away, then back, and has not left', async () => {
    const { visitor } = await enter('alice')
    const bob = (await enter('bob')).visitor
    heard = []
    service.detached(visitor)
    await clock.move(limits.awayToldMs)
    expect(heard).toEqual(['lobby * alice away'])
    expect(service.who(bob)).toEqual({ ok: true, value: { members: ['alice', 'bob'], away: ['alice'] } })
    service.resumed(visitor)
    expect(heard).toEqual(['lobby * alice away', 'lobby * alice back'])
    expect(service.who(bob)).toMatchObject({ value: { away: [] } })
    expect(await service.say(visitor, 'here')).toMatchObject({ ok: true })
  })

  test('keeps its name however late its session ends, and another member learns how long', async () => {
    const { visitor } = await enter('alice')
    service.detached(visitor)
    await clock.move(limits.nameHeldMs - 1)
    const other = { identity: 'of somebody else' }
    expect((await enter('alice', other)).outcome).toMatchObject({
      refusal: { code: 'NAME_TAKEN', freeInMs: 1 },
    })
    await clock.move(1_000)
    expect((await enter('alice', other)).outcome).toMatchObject({
      refusal: { code: 'NAME_TAKEN', freeInMs: 0 },
    })
    service.lose(visitor)
    expect(heard.at(-1)).toBe('lobby * alice lost')
    expect((await enter('alice', other)).outcome.ok).toBe(true)
  })

  test('continues with a new session in the same room, without a leave notice', async () => {
    const old = (await enter('alice')).visitor
    service.detached(old)
    await clock.move(limits.awayToldMs)
    heard = []
    const { outcome, moves } = await enter('alice')
    expect(outcome).toMatchObject({ ok: true, value: { members: ['alice'], away: [] } })
    expect(moves).toEqual(['>lobby'])
    service.lose(old)
    expect(heard).toEqual(['lobby * alice back'])
    expect(await service.join(old, { room: 'lobby', name: 'alice' }, () => {})).toMatchObject({
      refusal: { code: 'GONE' },
    })
  })

  test('may return to another room', async () => {
    const old = (await enter('alice')).visitor
    service.detached(old)
    heard = []
    const { outcome } = await enter('alice', { room: 'dev' })
    expect(outcome.ok).toBe(true)
    expect(heard).toEqual(['lobby * alice left', 'dev * alice joined'])
    // The timer of the roster.
    expect(clock.timers).toBe(1)
  })

  test('cannot bypass the rate limit with a new session', async () => {
    const old = (await enter('alice')).visitor
    for (let count = 1; count < limits.floodBurst; count += 1) await service.say(old, 'x')
    const { visitor } = await enter('alice')
    expect(await service.say(visitor, 'x')).toMatchObject({ refusal: { code: 'TOO_FAST' } })
  })
})
