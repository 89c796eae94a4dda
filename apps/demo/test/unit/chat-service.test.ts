import { beforeEach, describe, expect, test } from 'vitest'
import type { ChatClock } from '../../src/chat-clock.ts'
import { limits } from '../../src/limits.ts'
import { ChatService, type Outlet } from '../../src/server/chat-service.ts'
import type { RoomLimits } from '../../src/server/rooms.ts'
import type { Visitor } from '../../src/server/visitor.ts'
import { outletTo } from '../support/heard-outlet.ts'

/** A chat service whose outlet writes down what every room hears. */
function openService(roomLimits: Partial<RoomLimits> = {}) {
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
  const service = new ChatService(outlet, clock, { roomLimits })
  const enter = (name: string, room = 'lobby', visitor = service.arrive()) => {
    const moves: string[] = []
    const outcome = service.join(visitor, { room, name }, (key, before) =>
      moves.push(`${before ?? ''}>${key}`),
    )
    return { visitor, outcome, moves }
  }
  return { service, heard, time, enter }
}

describe('the chat service', () => {
  let { service, heard, time, enter } = openService()
  beforeEach(() => {
    ;({ service, heard, time, enter } = openService())
  })

  const speak = (visitor: Visitor, text: string) => service.say(visitor, text)

  test('a newcomer is told who is there, and the others that one came', () => {
    enter('bob')
    const { outcome, moves } = enter('alice')
    expect(outcome).toEqual({
      ok: true,
      value: {
        room: 'lobby',
        name: 'alice',
        members: ['alice', 'bob'],
        away: [],
        atMs: 1_700_000_000_000,
        serverId: expect.any(String),
        files: [],
      },
    })
    expect(moves).toEqual(['>lobby'])
    expect(heard).toEqual(['lobby * bob joined', 'lobby * alice joined'])
  })

  test('a line goes to the room of its speaker, and its number comes back', async () => {
    const alice = enter('alice').visitor
    const bob = enter('bob', 'dev').visitor
    heard.length = 0
    expect(await speak(alice, 'hello')).toEqual({ ok: true, value: { lineNumber: 1 } })
    expect(await speak(bob, 'work')).toEqual({ ok: true, value: { lineNumber: 2 } })
    expect(heard).toEqual(['lobby alice: hello', 'dev bob: work'])
  })

  test('going to another room leaves the one before', () => {
    const { visitor } = enter('alice')
    heard.length = 0
    const { outcome, moves } = enter('alice', 'dev', visitor)
    expect(outcome.ok).toBe(true)
    expect(moves).toEqual(['lobby>dev'])
    expect(heard).toEqual(['lobby * alice left', 'dev * alice joined'])
  })

  test('joining the same room again changes nothing', () => {
    const { visitor } = enter('alice')
    heard.length = 0
    const { outcome, moves } = enter('alice', 'LOBBY', visitor)
    expect(outcome).toMatchObject({ ok: true, value: { room: 'lobby', members: ['alice'] } })
    expect([...heard, ...moves]).toEqual([])
  })

  test('a room is one room in every spelling, and keeps the first', () => {
    enter('alice', 'Dev')
    expect(enter('bob', 'dEV').outcome).toMatchObject({
      ok: true,
      value: { room: 'Dev', members: ['alice', 'bob'] },
    })
  })

  test('a taken name is refused and disturbs nobody', async () => {
    enter('guest')
    heard.length = 0
    const { visitor, outcome } = enter('Guest')
    expect(outcome).toEqual({ ok: false, refusal: { code: 'NAME_TAKEN', suggestion: 'Guest2' } })
    expect(await speak(visitor, 'boo')).toEqual({ ok: false, refusal: { code: 'NOT_IN_ROOM' } })
    service.lose(visitor)
    expect(heard).toEqual([])
    expect(enter('guest').outcome.ok).toBe(false)
  })

  test('a connection keeps the name it came with', () => {
    const { visitor } = enter('alice')
    const { outcome } = enter('bob', 'dev', visitor)
    expect(outcome).toEqual({ ok: false, refusal: { code: 'NAME_FIXED', name: 'alice' } })
    expect(visitor.room?.name).toBe('lobby')
  })

  test('a goodbye frees the name at once, and the end of the connection adds nothing', () => {
    const { visitor } = enter('guest')
    heard.length = 0
    service.quit(visitor)
    service.lose(visitor)
    expect(heard).toEqual(['lobby * guest quit'])
    expect(enter('guest').outcome.ok).toBe(true)
  })

  test('a lost connection holds the name for 20 s and leaves the room at once', () => {
    const { visitor } = enter('guest')
    heard.length = 0
    service.lose(visitor)
    expect(heard).toEqual(['lobby * guest lost'])
    time.nowMs = limits.nameHeldMs - 1
    expect(enter('guest').outcome).toMatchObject({ refusal: { code: 'NAME_TAKEN', freeInMs: 1 } })
    time.nowMs = limits.nameHeldMs
    expect(enter('guest').outcome.ok).toBe(true)
  })

  test('a call that outlives its connection takes no name', () => {
    const visitor = service.arrive()
    service.lose(visitor)
    expect(enter('guest', 'lobby', visitor).outcome).toEqual({ ok: false, refusal: { code: 'GONE' } })
    expect(service.names.count).toBe(0)
    expect(heard).toEqual([])
  })

  test('a line has an id that its speaker and its number give, so that it is kept once', async () => {
    const ids: unknown[] = []
    const other = new ChatService(
      { ...outletTo(() => {}), line: async (_room, _line, id) => ids.push(id) },
      { nowMs: () => 0, dateMs: () => 0, after: () => () => {} },
    )
    const visitor = other.arrive('alice herself')
    other.join(visitor, { room: 'lobby', name: 'alice' }, () => {})
    for (const number of [1, 1, 2, undefined]) await other.say(visitor, 'x', number)
    expect(ids).toEqual(['alice herself/1', 'alice herself/1', 'alice herself/2', undefined])
  })

  test('a line that the log does not take is refused', async () => {
    const other = new ChatService(
      { ...outletTo(() => {}), line: async () => undefined },
      { nowMs: () => 0, dateMs: () => 0, after: () => () => {} },
    )
    const visitor = other.arrive()
    other.join(visitor, { room: 'lobby', name: 'alice' }, () => {})
    expect(await other.say(visitor, 'x')).toEqual({ ok: false, refusal: { code: 'NOT_KEPT' } })
  })

  test('typing is told at most once per interval, and again after a line', () => {
    const { visitor } = enter('alice')
    heard.length = 0
    for (time.nowMs = 0; time.nowMs < limits.typingIntervalMs; time.nowMs += 100) service.typing(visitor)
    expect(heard).toEqual(['lobby ~ alice'])
    service.typing(visitor)
    expect(heard).toHaveLength(2)
    speak(visitor, 'done')
    service.typing(visitor)
    expect(heard).toHaveLength(4)
  })

  test('a flood is refused with the time to wait, and nobody hears it', async () => {
    const { visitor } = enter('alice')
    for (let count = 1; count < limits.floodBurst; count += 1)
      expect(await speak(visitor, 'x')).toMatchObject({ ok: true })
    heard.length = 0
    expect(await speak(visitor, 'x')).toEqual({ ok: false, refusal: { code: 'TOO_FAST', retryAfterMs: 50 } })
    expect(enter('alice', 'dev', visitor).outcome).toMatchObject({ refusal: { code: 'TOO_FAST' } })
    expect(service.readsHistory(visitor)).toMatchObject({ refusal: { code: 'TOO_FAST' } })
    expect(heard).toEqual([])
  })

  test('who has no room has no history, no company and no voice', async () => {
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

describe('a room over its limits', () => {
  test.each([2, limits.roomMembersMax])(
    '%i members have room, one more and many more have not',
    (membersMax) => {
      const { heard, enter } = openService({ membersMax })
      for (let count = 0; count < membersMax; count += 1) expect(enter(`guest${count}`).outcome.ok).toBe(true)
      heard.length = 0
      for (let count = 0; count < 50; count += 1) {
        expect(enter('one-more').outcome).toEqual({ ok: false, refusal: { code: 'ROOM_FULL', membersMax } })
      }
      expect(heard).toEqual([])
      expect(enter('one-more', 'dev').outcome.ok).toBe(true)
    },
  )

  test('whoever cannot enter stays where they are', () => {
    const { enter } = openService({ membersMax: 1 })
    enter('alice', 'dev')
    const { visitor } = enter('bob')
    expect(enter('bob', 'dev', visitor).outcome.ok).toBe(false)
    expect(visitor.room?.members).toEqual(['bob'])
  })

  test('an empty room makes way for a new one, the longest unused first', () => {
    const { service, enter } = openService({ roomsMax: 3 })
    const wanderer = enter('alice', 'One').visitor
    enter('alice', 'Two', wanderer)
    enter('alice', 'three', wanderer)
    expect(enter('alice', 'four', wanderer).outcome.ok).toBe(true)
    expect(service.rooms.count).toBe(3)
    expect(enter('alice', 'two', wanderer).outcome).toMatchObject({ value: { room: 'Two' } })
    expect(enter('alice', 'one', wanderer).outcome).toMatchObject({ value: { room: 'one' } })
  })

  test('no empty room, no new room', () => {
    const { service, enter } = openService({ roomsMax: 2 })
    enter('alice', 'one')
    const bob = enter('bob', 'two').visitor
    expect(enter('carol', 'three').outcome).toEqual({
      ok: false,
      refusal: { code: 'ROOMS_FULL', roomsMax: 2 },
    })
    expect(enter('carol', 'two').outcome.ok).toBe(true)
    service.quit(bob)
    expect(service.rooms.count).toBe(2)
  })
})
