import { setTimeout as delay } from 'node:timers/promises'
import { memoryEventLog } from '@frameport/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ChatRoom, type TestMember } from '../support/chat-room.ts'
import type { CutProxy } from '../support/cut-proxy.ts'

vi.setConfig({ testTimeout: 120_000 })

let room: ChatRoom
let proxy: CutProxy
let anna: TestMember
let bob: TestMember

beforeEach(async () => {
  ;({ room, proxy, anna, bob } = await ChatRoom.withCuts('bob'))
})

afterEach(async () => {
  await room.close()
  expect(room.clock.timers).toBe(0)
})

/** The lines and notices since the member joined. */
const heard = ({ rows }: TestMember) => rows.slice(rows.findIndex((row) => row.startsWith('* In ')) + 1)

describe('A member whose server is restarted while its own connection is cut', () => {
  test('sees the lines of both servers in order and once, and says its own once', async () => {
    await anna.member.say('before')
    await bob.sees('anna: before')
    proxy.cut()
    const said = bob.member.say('from bob')
    await anna.member.say('one')
    await room.restart()
    await anna.sees('* The server has restarted: no line came meanwhile.')
    await anna.member.say('two')
    proxy.mend()
    expect(await said).toBeUndefined()
    await anna.sees('bob: from bob')
    await bob.sees('bob: from bob')
    expect(heard(bob)).toEqual([
      'anna: before',
      '* The server has restarted: 2 lines came meanwhile.',
      'anna: one',
      'anna: two',
      'bob: from bob',
    ])
    expect(heard(anna)).toEqual([
      '* bob joined lobby',
      'anna: before',
      'anna: one',
      '* The server has restarted: no line came meanwhile.',
      'anna: two',
      'bob: from bob',
    ])
  })

  test('sees everything that was said meanwhile, even if that is more than a page', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `anna: line ${index + 1}`)
    await anna.member.say('before')
    await bob.sees('anna: before')
    proxy.cut()
    await room.restart()
    await anna.sees('* The server has restarted')
    for (const text of texts) expect(await anna.member.say(text.slice('anna: '.length))).toBeUndefined()
    proxy.mend()
    await bob.sees('anna: line 70')
    expect(heard(bob)).toEqual([
      'anna: before',
      '* The server has restarted: 70 lines came meanwhile.',
      ...texts,
    ])
  })

  test('learns that the server has another log, and sees the lines in it', async () => {
    await anna.member.say('before')
    await bob.sees('anna: before')
    proxy.cut()
    room.log = memoryEventLog()
    await room.restart()
    await anna.sees('* The server has restarted. The server now has a different log')
    await anna.member.say('after')
    proxy.mend()
    await bob.sees('anna: after')
    expect(heard(bob)).toEqual([
      'anna: before',
      '* The server has restarted. The server now has a different log, so lines may be missing here.',
      'anna: after',
    ])
    expect(await bob.member.older.read()).toEqual({ lines: [], isStart: true })
  })

  test('enters the room that it requested meanwhile', async () => {
    proxy.cut()
    const joined = bob.member.join('dev')
    await room.restart()
    proxy.mend()
    expect(await joined).toBeUndefined()
    expect(bob.rows).toContain('* In dev (1): bob')
    await anna.sees('* The server has restarted')
    await vi.waitUntil(() => anna.member.members.join() === 'anna', 20_000)
    expect(await bob.member.say('in dev')).toBeUndefined()
    await bob.sees('bob: in dev')
  })

  test('keeps its name even if another member requests the name first', async () => {
    proxy.cut()
    await room.restart()
    await expect(room.enter('bob-again')).resolves.toBeDefined()
    await expect(room.client().rooms.join({ room: 'lobby', name: 'bob' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    })
    proxy.mend()
    expect(await bob.member.say('still bob')).toBeUndefined()
    await anna.sees('bob: still bob')
  })
})

describe('Two members who talk while connections are cut and servers restarted', () => {
  test('see every line of each other once, and in order', async () => {
    const texts = (name: string) => Array.from({ length: 60 }, (_, index) => `${name} ${index + 1}`)
    const talk = async ({ member }: TestMember, name: string) => {
      for (const text of texts(name)) {
        expect(await member.say(text)).toBeUndefined()
        await delay(5)
      }
    }
    const talking = Promise.all([talk(anna, 'a'), talk(bob, 'b')])
    // At different moments of a call in each run.
    for (let round = 0; round < 4; round += 1) {
      await delay(20 * Math.random())
      proxy.cut()
      await delay(20 * Math.random())
      if (round % 2 === 1) await room.restart()
      proxy.mend()
      await vi.waitUntil(() => anna.member.isPresent && bob.member.isPresent, 30_000)
    }
    await talking
    for (const one of [anna, bob]) {
      await vi.waitUntil(() => one.rows.includes('anna: a 60') && one.rows.includes('bob: b 60'), 30_000)
      const lines = one.rows.filter((row) => /^(anna|bob): /.test(row))
      expect(lines.filter((row) => row.startsWith('anna'))).toEqual(texts('a').map((text) => `anna: ${text}`))
      expect(lines.filter((row) => row.startsWith('bob'))).toEqual(texts('b').map((text) => `bob: ${text}`))
    }
  })
})
