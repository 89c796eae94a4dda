import type { LogPosition } from '@frameport/client'
import { memoryEventLog } from '@frameport/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import { chat } from '../../src/chat-contract.ts'
import { limits } from '../../src/limits.ts'
import { placeOf, positionOf } from '../../src/line-places.ts'
import { ChatRoom } from '../support/chat-room.ts'

let room: ChatRoom
beforeEach(async () => {
  room = await ChatRoom.open()
})
afterEach(() => room.close())

const lobby = { room: 'lobby' }
const token = (letter: string) => letter.repeat(32)

/** A member in the lobby, without the functions of a terminal. */
async function somebody(name: string) {
  const client = room.client({ auth: token(name.slice(0, 1)) })
  await client.rooms.join({ room: 'lobby', name })
  return client
}

/** Publishes lines like a server without a rate limit. */
async function saidBefore(count: number, topic = 'lobby') {
  for (let number = 1; number <= count; number += 1)
    await room.server.publish(
      chat.events.line,
      { room: topic },
      { atMs: number, name: 'bob', text: `line ${number}` },
    )
}

const textsOf = ({ lines }: { readonly lines: readonly { readonly line: { readonly text: string } }[] }) =>
  lines.map(({ line }) => line.text)

describe('The number of a line', () => {
  test('is the same in the answer, in the event and in the history', async () => {
    const alice = await somebody('alice')
    const heard: (LogPosition | undefined)[] = []
    await alice.$on('line', lobby, (_line, { position }) => void heard.push(position)).subscribed
    const answers = [await alice.lines.say({ text: 'one' }), await alice.lines.say({ text: 'two' })]
    const { log, lines } = await alice.rooms.history({})
    const numbers = answers.map(({ lineNumber }) => lineNumber)
    expect(lines.map(({ number }) => number)).toEqual(numbers)
    expect(heard.map((position) => position && placeOf(position))).toEqual(
      numbers.map((number) => ({ log, number })),
    )
    expect(numbers[1]).toBeGreaterThan(numbers[0] ?? Number.POSITIVE_INFINITY)
  })

  test('is that of the first copy for a repeated line, which other members receive only once', async () => {
    const alice = await somebody('alice')
    const bob = await somebody('bob')
    const heard: string[] = []
    await bob.$on('line', lobby, ({ name, text }) => void heard.push(`${name}: ${text}`)).subscribed
    const first = await alice.lines.say({ text: 'one', number: 7 })
    await bob.lines.say({ text: 'two', number: 7 })
    expect(await alice.lines.say({ text: 'one', number: 7 })).toEqual(first)
    const again = await somebody('alice')
    expect(await again.lines.say({ text: 'one', number: 7 })).toEqual(first)
    await again.lines.say({ text: 'without a number' })
    await again.lines.say({ text: 'without a number' })
    await bob.rooms.who()
    expect(heard).toEqual(['alice: one', 'bob: two', 'alice: without a number', 'alice: without a number'])
  })

  test('survives a restart of a server that keeps the log, and the id of the log can be converted to its wire form and back', async () => {
    const first = await (await somebody('alice')).lines.say({ text: 'one', number: 1 })
    await room.restart()
    const alice = await somebody('alice')
    expect(await alice.lines.say({ text: 'one', number: 1 })).toEqual(first)
    expect(textsOf(await alice.rooms.history({}))).toEqual(['one'])
    const place = { log: '00ff1e', number: 3 }
    expect(placeOf(positionOf(place) ?? { log: new Uint8Array(), number: 0 })).toEqual(place)
    expect(positionOf({ log: '', number: 3 })).toBeUndefined()
  })
})

describe('A newcomer', () => {
  test('sees earlier lines, and after its own notice the lines since it joined', async () => {
    await saidBefore(2)
    // The history arrives late, and another member says a line meanwhile.
    const { before } = room.log
    room.log.before = async (query) => {
      room.log.before = before
      const atMs = room.clock.dateMs() + 1
      await room.server.publish(chat.events.line, lobby, { atMs, name: 'bob', text: 'just now' })
      return await before.call(room.log, query)
    }
    const { rows } = await room.enter('alice')
    expect(rows).toEqual([
      'bob: line 1',
      'bob: line 2',
      '* alice joined lobby',
      '* In lobby (1): alice',
      'bob: just now',
    ])
  })
})

describe('The history of a room', () => {
  test('is read page by page, to its beginning', async () => {
    await saidBefore(2 * limits.historyLinesMax + 3)
    await saidBefore(5, 'dev')
    const alice = await somebody('alice')
    const newest = await alice.rooms.history({})
    const [first] = newest.lines
    const before = (number = 0) => ({ before: { log: newest.log, number } })
    const older = await alice.rooms.history(before(first?.number))
    const oldest = await alice.rooms.history(before(older.lines[0]?.number))
    expect([newest, older, oldest].map(({ isStart }) => isStart)).toEqual([false, false, true])
    expect([...textsOf(oldest), ...textsOf(older), ...textsOf(newest)]).toEqual(
      Array.from({ length: 2 * limits.historyLinesMax + 3 }, (_, index) => `line ${index + 1}`),
    )
    expect(await alice.rooms.history(before(oldest.lines[0]?.number))).toEqual({
      log: newest.log,
      lines: [],
      isStart: true,
    })
    expect(textsOf(await alice.rooms.history({ before: { log: 'ab', number: 3 } }))).toEqual(textsOf(newest))
  })

  test('has the id of its log even if it is empty, so that a returning member recognises the log', async () => {
    const alice = await somebody('alice')
    const { log, lines, isStart } = await alice.rooms.history({})
    expect([lines, isStart]).toEqual([[], true])
    await alice.lines.say({ text: 'first' })
    expect((await alice.rooms.history({})).log).toBe(log)
    expect(log).toMatch(/^[0-9a-f]{32}$/)
  })

  test('contains fifty of the longest lines on one page', async () => {
    const text = '\u{1f4a7}'.repeat(limits.lineCharactersMax)
    for (let number = 1; number <= limits.historyLinesMax; number += 1)
      await room.server.publish(chat.events.line, lobby, { atMs: number, name: 'bob', text })
    expect((await (await somebody('alice')).rooms.history({})).lines).toHaveLength(limits.historyLinesMax)
  })

  test('and its lines are only available to members of the room', async () => {
    const eve = room.client()
    await expect(eve.$on('line', lobby, () => {}).subscribed).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    await expect(eve.rooms.history({})).rejects.toMatchObject({ code: 'NOT_IN_ROOM' })
    await eve.rooms.join({ room: 'dev', name: 'eve' })
    await expect(eve.$on('line', lobby, () => {}).subscribed).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    await expect(eve.$on('line', { room: 'dev' }, () => {}).subscribed).resolves.toBeUndefined()
  })

  test('is no longer sent to a client that has left the room silently', async () => {
    const eve = room.client()
    const heard: string[] = []
    await eve.rooms.join({ room: 'dev', name: 'eve' })
    await eve.$on('line', { room: 'dev' }, ({ text }) => void heard.push(text)).subscribed
    await eve.rooms.join({ room: 'garden', name: 'eve' })
    await eve.$on('line', { room: 'garden' }, ({ text }) => void heard.push(text)).subscribed
    const say = (where: string) =>
      room.server.publish(
        chat.events.line,
        { room: where },
        { atMs: 1, name: 'bob', text: `in the ${where}` },
      )
    await say('dev')
    await say('garden')
    await until(() => heard.length > 0)
    expect(heard).toEqual(['in the garden'])
  })

  test('cannot be read faster than the rate limit', async () => {
    const alice = await somebody('alice')
    for (let count = 1; count < limits.floodBurst; count += 1) await alice.rooms.history({})
    await expect(alice.rooms.history({})).rejects.toMatchObject({ code: 'TOO_FAST' })
  })
})

describe('A line that the log does not accept', () => {
  test('waits, and is said once when the log accepts it', async () => {
    await room.close()
    const log = memoryEventLog()
    let isFull = false
    let refused = 0
    room = await ChatRoom.open({
      append(event) {
        if (!isFull) return log.append(event)
        refused += 1
        return Promise.reject(new Error('no space is left'))
      },
      after: (query) => log.after(query),
      before: (query) => log.before(query),
      follow: (topic, follower) => log.follow!(topic, follower),
    })
    const alice = await room.enter('alice')
    expect(await alice.member.say('before')).toBeUndefined()
    isFull = true
    const waiting = alice.member.say('waiting')
    await until(() => refused > 0)
    expect(alice.rows).not.toContain('alice: waiting')
    isFull = false
    expect(await waiting).toBeUndefined()
    expect(await alice.member.say('after')).toBeUndefined()
    await alice.sees('alice: after')
    expect(alice.rows.filter((row) => row.startsWith('alice:'))).toEqual([
      'alice: before',
      'alice: waiting',
      'alice: after',
    ])
  })
})
