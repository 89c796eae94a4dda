import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ChatService } from '../../src/server/chat-service.ts'
import { MembersFile } from '../../src/server/members-file.ts'
import { dataFolder } from '../../src/server/options.ts'
import { outletTo } from '../support/heard-outlet.ts'
import { ManualClock } from '../support/manual-clock.ts'

let folder = ''
let path = ''
let warnings: string[] = []
let clock = new ManualClock()
let heard: string[] = []
let files: MembersFile[] = []
const log = {
  warn: (_facts: object, text: string) => void warnings.push(text),
  error: (_facts: object, text: string) => void warnings.push(text),
}
const outlet = outletTo((row) => heard.push(row))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-members-'))
  path = join(folder, 'deeper', 'members.jsonl')
  warnings = []
  heard = []
  clock = new ManualClock()
})

afterEach(async () => {
  for (const file of files) file.close()
  files = []
  await rm(folder, { recursive: true })
})

/** A server that is started. One before it ends as one that is killed does: without a word. */
function start(roomLimits = {}) {
  const memory = new MembersFile(path, log as never)
  files.push(memory)
  heard = []
  return new ChatService(outlet, clock, { memory, roomLimits })
}

function enter(service: ChatService, name: string, room = 'lobby', identity = `${name}'s`) {
  const visitor = service.arrive(identity)
  const outcome = service.join(visitor, { room, name }, () => {})
  return { visitor, outcome, state: outcome.ok ? outcome.value : undefined }
}

describe('a server that is started after another one', () => {
  test('takes those who were there for away, and lets nobody else have their names', async () => {
    const first = start()
    enter(first, 'alice')
    enter(first, 'bob')
    first.quit(enter(first, 'carol').visitor)
    const second = start()
    expect(enter(second, 'ALICE', 'lobby', 'of somebody else').outcome).toMatchObject({
      refusal: { code: 'NAME_TAKEN', freeInMs: limits.nameHeldMs },
    })
    expect(enter(second, 'carol', 'other', 'of somebody else').outcome.ok).toBe(true)
    const alice = enter(second, 'alice')
    expect(alice.state).toMatchObject({ members: ['alice', 'bob'], away: ['bob'] })
    expect(heard).toEqual(['other * carol joined', 'lobby * alice back'])
    await clock.move(limits.nameHeldMs)
    expect(heard.slice(2)).toEqual(['lobby * bob lost'])
    expect(second.names.count).toBe(2)
    expect(clock.timers).toBe(0)
  })

  test('that closes in order keeps its members for the next one', () => {
    const first = start()
    const { visitor } = enter(first, 'alice')
    first.close()
    first.quit(visitor)
    expect(enter(start(), 'bob').state).toMatchObject({ members: ['alice', 'bob'], away: ['alice'] })
  })

  test('has another id than the one before', () => {
    const ids = [start(), start()].map((service) => enter(service, 'alice').state?.serverId)
    expect(ids[0]).not.toBe(ids[1])
  })

  test('lets those in who were there, also where it has room for fewer', () => {
    const first = start()
    enter(first, 'alice', 'one')
    enter(first, 'bob', 'two')
    const second = start({ roomsMax: 1 })
    expect(enter(second, 'alice', 'one').outcome.ok).toBe(true)
    expect(enter(second, 'carol', 'three').outcome).toMatchObject({ refusal: { code: 'ROOMS_FULL' } })
  })
})

describe('the file of the members', () => {
  test('is not touched before something changes, and is for its owner only', async () => {
    const service = start()
    expect(await readdir(folder)).toEqual([])
    enter(service, 'alice')
    expect(await readdir(join(folder, 'deeper'))).toEqual(['members.jsonl'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  const presentIn = (service: ChatService) => enter(service, 'guest').state?.members

  test('with half a row at its end loses that row only, and goes on with whole ones', async () => {
    enter(start(), 'alice')
    await appendFile(path, '{"kind":"in","room":"lob')
    enter(start(), 'bob')
    expect(presentIn(start())).toEqual(['alice', 'bob', 'guest'])
    expect(warnings).toEqual([])
  })

  test('with rows that cannot be read says so, and reads the others', async () => {
    enter(start(), 'alice')
    await appendFile(path, 'garbage\n{"kind":"in","room":5}\n')
    expect(presentIn(start())).toEqual(['alice', 'guest'])
    expect(warnings).toEqual(['rows of the file of members cannot be read: those people have to join again'])
  })

  test('stays small, however many come and go', async () => {
    const first = start()
    const { visitor } = enter(first, 'alice')
    let largestBytes = 0
    for (let number = 1; number <= 5_000; number += 1) {
      await clock.move(50)
      first.join(visitor, { room: number % 2 === 0 ? 'lobby' : 'dev', name: 'alice' }, () => {})
      if (number % 100 === 0) largestBytes = Math.max(largestBytes, (await stat(path)).size)
    }
    expect(largestBytes).toBeGreaterThan(limits.membersFileBytes / 2)
    expect(largestBytes).toBeLessThan(1.1 * limits.membersFileBytes)
    expect(presentIn(start())).toEqual(['alice', 'guest'])
  })

  test.each(['# notes of mine\n', '{"kind":"in","room":"lobby","name":"alice","by":"x"}\n', '\n'])(
    'that is something else (%j) is refused and not changed',
    async (content) => {
      path = join(folder, 'notes')
      await writeFile(path, content)
      expect(() => start()).toThrow(/is no file of members of this chat .*--data/)
      expect(await readFile(path, 'utf8')).toBe(content)
    },
  )

  test('that cannot be written is told of once, and the chat goes on', async () => {
    path = join(folder, 'a-file', 'members.jsonl')
    const service = start()
    await writeFile(join(folder, 'a-file'), '')
    expect(enter(service, 'alice').outcome.ok).toBe(true)
    expect(warnings).toEqual(['the members cannot be written: a restart would not know who was there'])
    await rm(join(folder, 'a-file'))
    enter(service, 'bob')
    expect(presentIn(start())).toEqual(['alice', 'bob', 'guest'])
  })
})

describe('the folder of the data', () => {
  test('is one for each address, and none where the port is a new one each time', () => {
    const where = { host: '127.0.0.1', port: 5500 }
    expect(dataFolder(where, { XDG_STATE_HOME: '/state' })).toBe('/state/frameport-chat/127.0.0.1-5500')
    expect(dataFolder({ ...where, host: '::1' }, { XDG_STATE_HOME: '/s' })).toBe('/s/frameport-chat/__1-5500')
    expect(dataFolder(where, {})).toMatch(/\/\.local\/state\/frameport-chat\//)
    expect(dataFolder({ ...where, port: 0 }, {})).toBeUndefined()
    expect(dataFolder({ ...where, data: ':memory:' }, {})).toBeUndefined()
    expect(dataFolder({ ...where, port: 0, data: 'here' }, {})).toBe('here')
  })
})
