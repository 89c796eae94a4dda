import { beforeEach, describe, expect, test } from 'vitest'
import type { ChatClock } from '../../src/chat-clock.ts'
import { limits } from '../../src/limits.ts'
import type { ChatServiceOptions, Outlet } from '../../src/server/chat-service-options.ts'
import type { Visitor } from '../../src/server/visitor.ts'
import { outletTo } from '../support/heard-outlet.ts'
import { settled } from '../support/manual-clock.ts'
import { startedService } from '../support/started-service.ts'

/** A chat service whose outlet records what every room receives. */
async function openService(roomLimits: NonNullable<ChatServiceOptions['roomLimits']> = {}) {
  const heard: string[] = []
  const time = { nowMs: 0 }
  const outlet: Outlet = {
    ...outletTo((row) => heard.push(row)),
    typing: (room, name) => heard.push(`${room} ~ ${name}`),
    offer: (room, { from, name }) => heard.push(`${room} ${from} offers ${name}`),
    offerClosed: (room, { file, why }) => heard.push(`${room} ${file} ${why}`),
  }
  const clock: ChatClock = {
    nowMs: () => time.nowMs,
    dateMs: () => 1_700_000_000_000 + time.nowMs,
    after: () => () => {},
  }
  const service = await startedService(outlet, clock, { roomLimits })
  const enter = async (name: string, room = 'lobby', visitor = service.arrive()) => {
    const moves: string[] = []
    const outcome = await service.join(visitor, { room, name }, (key, before) =>
      moves.push(`${before ?? ''}>${key}`),
    )
    return { visitor, outcome, moves }
  }
  return { service, heard, time, enter }
}

describe('The chat service', () => {
  let opened: Awaited<ReturnType<typeof openService>>
  let { service, heard, time, enter } = {} as typeof opened
  beforeEach(async () => {
    opened = await openService()
    ;({ service, heard, time, enter } = opened)
  })

  const speak = (visitor: Visitor, text: string) => service.say(visitor, text)

  test('tells a newcomer who is present, and the others that one arrived', async () => {
    await enter('bob')
    const { outcome, moves } = await enter('alice')
    expect(outcome).toEqual({
      ok: true,
      value: {
        room: 'lobby',
        name: 'alice',
        members: ['alice', 'bob'],
        away: [],
        atMs: 1_700_000_000_000,
        serverId: expect.any(String),
        hasOthers: false,
        files: [],
      },
    })
    expect(moves).toEqual(['>lobby'])
    expect(heard).toEqual(['lobby * bob joined', 'lobby * alice joined'])
  })

  test('gives a newcomer the time at which the others could see it, not that of its answer', async () => {
    time.nowMs = 5
    const outcome = await service.join(service.arrive(), { room: 'lobby', name: 'alice' }, () => {
      time.nowMs += 20
    })
    expect(outcome).toMatchObject({ ok: true, value: { atMs: 1_700_000_000_005 } })
  })

  test('sends a line to the room of its speaker, and returns its number', async () => {
    const alice = (await enter('alice')).visitor
    const bob = (await enter('bob', 'dev')).visitor
    heard.length = 0
    expect(await speak(alice, 'hello')).toEqual({ ok: true, value: { lineNumber: 1 } })
    expect(await speak(bob, 'work')).toEqual({ ok: true, value: { lineNumber: 2 } })
    expect(heard).toEqual(['lobby alice: hello', 'dev bob: work'])
  })

  test('lets a member leave its room when it enters another one', async () => {
    const { visitor } = await enter('alice')
    heard.length = 0
    const { outcome, moves } = await enter('alice', 'dev', visitor)
    expect(outcome.ok).toBe(true)
    expect(moves).toEqual(['lobby>dev'])
    expect(heard).toEqual(['lobby * alice left', 'dev * alice joined'])
  })

  test('changes nothing if a member joins its room again', async () => {
    const { visitor } = await enter('alice')
    heard.length = 0
    const { outcome, moves } = await enter('alice', 'LOBBY', visitor)
    expect(outcome).toMatchObject({ ok: true, value: { room: 'lobby', members: ['alice'] } })
    expect([...heard, ...moves]).toEqual([])
  })

  test('regards a room with different capitals as one room, with the first spelling', async () => {
    await enter('alice', 'Dev')
    expect((await enter('bob', 'dEV')).outcome).toMatchObject({
      ok: true,
      value: { room: 'Dev', members: ['alice', 'bob'] },
    })
  })

  test('refuses a taken name without an effect on others', async () => {
    await enter('guest')
    heard.length = 0
    const { visitor, outcome } = await enter('Guest')
    expect(outcome).toEqual({ ok: false, refusal: { code: 'NAME_TAKEN', suggestion: 'Guest2' } })
    expect(await speak(visitor, 'boo')).toEqual({ ok: false, refusal: { code: 'NOT_IN_ROOM' } })
    service.lose(visitor)
    expect(heard).toEqual([])
    expect((await enter('guest')).outcome.ok).toBe(false)
  })

  test('refuses to change the name of a connection', async () => {
    const { visitor } = await enter('alice')
    const { outcome } = await enter('bob', 'dev', visitor)
    expect(outcome).toEqual({ ok: false, refusal: { code: 'NAME_FIXED', name: 'alice' } })
    expect(visitor.room).toBe('lobby')
  })

  test('frees a name immediately after a goodbye, and the end of the connection adds nothing', async () => {
    const { visitor } = await enter('guest')
    heard.length = 0
    service.quit(visitor)
    service.lose(visitor)
    expect(heard).toEqual(['lobby * guest quit'])
    expect((await enter('guest')).outcome.ok).toBe(true)
  })

  test('reserves the name of a lost connection for 20 s, and lets it leave the room immediately', async () => {
    const { visitor } = await enter('guest')
    heard.length = 0
    service.lose(visitor)
    expect(heard).toEqual(['lobby * guest lost'])
    time.nowMs = limits.nameHeldMs - 1
    expect((await enter('guest')).outcome).toMatchObject({ refusal: { code: 'NAME_TAKEN', freeInMs: 1 } })
    time.nowMs = limits.nameHeldMs
    expect((await enter('guest')).outcome.ok).toBe(true)
  })

  test('gives no name to a call that outlives its connection', async () => {
    const visitor = service.arrive()
    service.lose(visitor)
    expect((await enter('guest', 'lobby', visitor)).outcome).toEqual({ ok: false, refusal: { code: 'GONE' } })
    expect(heard).toEqual([])
  })

  test('gives a line an id made of its speaker and number, so that it is kept once', async () => {
    const ids: unknown[] = []
    const other = await startedService(
      { ...outletTo(() => {}), line: async (_room, _line, id) => ids.push(id) },
      { nowMs: () => 0, dateMs: () => 0, after: () => () => {} },
    )
    const visitor = other.arrive('alice herself')
    await other.join(visitor, { room: 'lobby', name: 'alice' }, () => {})
    for (const number of [1, 1, 2, undefined]) await other.say(visitor, 'x', number)
    expect(ids).toEqual(['alice herself/1', 'alice herself/1', 'alice herself/2', undefined])
  })

  test('refuses a line that the log does not accept', async () => {
    const other = await startedService(
      { ...outletTo(() => {}), line: async () => undefined },
      { nowMs: () => 0, dateMs: () => 0, after: () => () => {} },
    )
    const visitor = other.arrive()
    await other.join(visitor, { room: 'lobby', name: 'alice' }, () => {})
    expect(await other.say(visitor, 'x')).toEqual({ ok: false, refusal: { code: 'NOT_KEPT' } })
  })

  test('reports typing at most once per interval, and again after a line', async () => {
    const { visitor } = await enter('alice')
    heard.length = 0
    for (time.nowMs = 0; time.nowMs < limits.typingIntervalMs; time.nowMs += 100) service.typing(visitor)
    expect(heard).toEqual(['lobby ~ alice'])
    service.typing(visitor)
    expect(heard).toHaveLength(2)
    speak(visitor, 'done')
    service.typing(visitor)
    expect(heard).toHaveLength(4)
  })

  test('refuses too many requests with the time to wait, and the room receives nothing', async () => {
    const { visitor } = await enter('alice')
    for (let count = 1; count < limits.floodBurst; count += 1)
      expect(await speak(visitor, 'x')).toMatchObject({ ok: true })
    heard.length = 0
    expect(await speak(visitor, 'x')).toEqual({ ok: false, refusal: { code: 'TOO_FAST', retryAfterMs: 50 } })
    expect((await enter('alice', 'dev', visitor)).outcome).toMatchObject({ refusal: { code: 'TOO_FAST' } })
    expect(service.readsHistory(visitor)).toMatchObject({ refusal: { code: 'TOO_FAST' } })
    expect(heard).toEqual([])
  })

  test('refuses history, members, lines and typing to a member without a room', async () => {
    const nobody = service.arrive()
    for (const outcome of [
      service.readsHistory(nobody),
      service.who(nobody),
      await service.say(nobody, 'x'),
      service.typing(nobody),
    ]) {
      expect(outcome).toEqual({ ok: false, refusal: { code: 'NOT_IN_ROOM' } })
    }
    expect(heard).toEqual([])
  })
})

describe('A room with limits', () => {
  test.each([2, limits.roomMembersMax])(
    'has room for %i members, and refuses any more',
    async (membersMax) => {
      const { heard, enter } = await openService({ membersMax })
      for (let count = 0; count < membersMax; count += 1)
        expect((await enter(`guest${count}`)).outcome.ok).toBe(true)
      heard.length = 0
      for (let count = 0; count < 50; count += 1) {
        expect((await enter('one-more')).outcome).toEqual({
          ok: false,
          refusal: { code: 'ROOM_FULL', membersMax },
        })
      }
      expect(heard).toEqual([])
      expect((await enter('one-more', 'dev')).outcome.ok).toBe(true)
    },
  )

  test('lets a member who cannot enter stay in its own room', async () => {
    const { enter, service } = await openService({ membersMax: 1 })
    await enter('alice', 'dev')
    const { visitor } = await enter('bob')
    expect((await enter('bob', 'dev', visitor)).outcome.ok).toBe(false)
    expect(service.who(visitor)).toMatchObject({ value: { members: ['bob'] } })
  })

  test('cannot be created while all rooms are in use', async () => {
    const { service, enter } = await openService({ roomsMax: 2 })
    await enter('alice', 'one')
    const bob = (await enter('bob', 'two')).visitor
    expect((await enter('carol', 'three')).outcome).toEqual({
      ok: false,
      refusal: { code: 'ROOMS_FULL', roomsMax: 2 },
    })
    const carol = await enter('carol', 'two')
    expect(carol.outcome.ok).toBe(true)
    service.quit(bob)
    service.quit(carol.visitor)
    await settled()
    expect((await enter('dora', 'three')).outcome.ok).toBe(true)
  })
})
