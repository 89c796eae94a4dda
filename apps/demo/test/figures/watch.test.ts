import { RpcError } from '@frameport/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../../tests/support/until.ts'
import type { FiguresTable } from '../../src/figures-contract.ts'
import { limits } from '../../src/limits.ts'
import { ChatRoom } from '../support/chat-room.ts'

let room: ChatRoom
beforeEach(async () => {
  room = await ChatRoom.open()
})
afterEach(() => room.close())

/** Advances the time by seconds until the condition holds. */
async function inSomeSeconds(isSo: () => boolean): Promise<void> {
  const is = await until(async () => {
    await room.clock.move(limits.figuresBeatMs)
    return isSo()
  })
  expect(is).toBe(true)
}

async function codeOf(run: () => AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const _ of run()) return 'shown'
    return 'ended'
  } catch (error) {
    return RpcError.is(error) ? error.code : String(error)
  }
}

describe('The statistics of a server', () => {
  test('are refused to a client without a room, and a second time to the same client', async () => {
    const stranger = room.client()
    expect(await codeOf(() => stranger.figures.watch())).toBe('NOT_IN_ROOM')
    const { client, member } = await room.enter('anna')
    const tables: FiguresTable[] = []
    const looking = new AbortController()
    const watched = member.figures.watch((table) => tables.push(table), looking.signal)
    await inSomeSeconds(() => tables.length > 0)
    expect(await codeOf(() => client.figures.watch())).toBe('WATCHED_ALREADY')
    looking.abort()
    expect(await watched).toBeUndefined()
    await until(() => room.clock.timers === 1)
    const again = new AbortController()
    const seen = tables.length
    const next = member.figures.watch((table) => tables.push(table), again.signal)
    await inSomeSeconds(() => tables.length > seen)
    again.abort()
    await next
  })

  test('count calls and events', async () => {
    const anna = await room.enter('anna')
    const bob = await room.enter('bob')
    const tables: FiguresTable[] = []
    const looking = new AbortController()
    const watched = anna.member.figures.watch((table) => tables.push(table), looking.signal)
    await inSomeSeconds(() => tables.length > 0)
    const said = Array.from({ length: 20 }, (_, index) => bob.member.say(`line ${index}`))
    expect(await Promise.all(said)).toEqual(said.map(() => undefined))
    await anna.sees('line 19')
    const rates = () => tables.map(({ servers }) => servers[0]?.rates)
    await inSomeSeconds(() => rates().some((found) => found?.calls === 20 && found.events === 40))
    const last = tables.at(-1)
    expect(last?.servers).toMatchObject([{ server: last?.here, backend: 'net', connections: 2 }])
    looking.abort()
    await watched
  })

  test('do not accumulate for a slow reader, which receives the newest when there is room', async () => {
    const { client } = await room.enter('anna')
    const stream = client.figures.watch()[Symbol.asyncIterator]()
    const first = stream.next()
    let isThere = false
    void first.then(() => {
      isThere = true
    })
    await inSomeSeconds(() => isThere)
    for (let second = 0; second < 100; second += 1) await room.clock.move(limits.figuresBeatMs)
    await room.enter('bob')
    await room.clock.move(limits.figuresBeatMs)
    let stale = 0
    while ((await stream.next()).value?.servers[0]?.connections === 1) stale += 1
    // The number of items that a stream sends ahead of its reader.
    expect(stale).toBeLessThanOrEqual(17)
    await stream.return?.()
  })

  test('end for a member who has left the chat', async () => {
    const { client, member } = await room.enter('anna')
    let tables = 0
    const looking = new AbortController()
    const watched = member.figures.watch(() => {
      tables += 1
    }, looking.signal)
    await inSomeSeconds(() => tables > 0)
    await client.quit()
    let refused: string | undefined
    void watched.then((sentence) => {
      refused = sentence
    })
    await inSomeSeconds(() => refused !== undefined)
    expect(refused).toMatch(/^You are not in a room/)
  })

  test('continue after the server has restarted', async () => {
    const { member } = await room.enter('anna')
    const tables: FiguresTable[] = []
    const looking = new AbortController()
    const watched = member.figures.watch((table) => tables.push(table), looking.signal)
    await inSomeSeconds(() => tables.length > 0)
    const before = tables[0]?.here
    await room.restart()
    await inSomeSeconds(() => tables.at(-1)?.here !== before)
    looking.abort()
    await watched
  })
})
