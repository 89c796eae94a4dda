import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ChatService } from '../../src/server/chat-service.ts'
import { HistoryFile } from '../../src/server/history-file.ts'
import { historyPath } from '../../src/server/options.ts'
import type { Visitor } from '../../src/server/visitor.ts'
import { outletTo } from '../support/heard-outlet.ts'
import { ManualClock } from '../support/manual-clock.ts'

let folder = ''
let path = ''
let warnings: string[] = []
let clock = new ManualClock()
let heard: string[] = []
let files: HistoryFile[] = []
const log = {
  warn: (_facts: object, text: string) => void warnings.push(text),
  error: (_facts: object, text: string) => void warnings.push(text),
}
const outlet = outletTo((row) => heard.push(row))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frameport-history-'))
  path = join(folder, 'deeper', 'history.jsonl')
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
  const memory = new HistoryFile(path, log as never)
  files.push(memory)
  heard = []
  return new ChatService(outlet, clock, { memory, roomLimits })
}

function enter(service: ChatService, name: string, room = 'lobby', identity = `${name}'s`) {
  const visitor = service.arrive(identity)
  const outcome = service.join(visitor, { room, name }, () => {})
  return { visitor, outcome, state: outcome.ok ? outcome.value : undefined }
}

const textsFor = (service: ChatService, visitor: Visitor) => {
  const outcome = service.history(visitor, Number.MAX_SAFE_INTEGER)
  return outcome.ok ? outcome.value.map(({ text }) => text) : []
}

describe('a server that is started after another one', () => {
  test('knows the last lines, their ids, and in which history they are', () => {
    const first = start()
    const { visitor, state } = enter(first, 'alice')
    first.say(visitor, 'one', 1)
    first.say(visitor, 'two', 2)
    const second = start()
    const again = enter(second, 'alice')
    expect(textsFor(second, again.visitor)).toEqual(['one', 'two'])
    expect(again.state).toMatchObject({ lastLineId: 2, historyId: state?.historyId })
    expect(again.state?.serverId).not.toBe(state?.serverId)
    expect(second.say(again.visitor, 'three', 3)).toEqual({ ok: true, value: { lineId: 3 } })
  })

  test('does not say a line again that the other one has said', () => {
    const first = start()
    first.say(enter(first, 'alice').visitor, 'one', 1)
    const second = start()
    const { visitor } = enter(second, 'alice')
    expect(second.say(visitor, 'one', 1)).toEqual({ ok: true, value: { lineId: 1 } })
    expect(textsFor(second, visitor)).toEqual(['one'])
    expect(heard.filter((row) => row.includes('one'))).toEqual([])
  })

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

  test('knows how far its history has forgotten', () => {
    const first = start()
    const { visitor } = enter(first, 'alice')
    for (let number = 1; number <= limits.historyLinesMax + 3; number += 1) {
      first.say(visitor, `line ${number}`, number)
    }
    expect(enter(first, 'bob').state?.forgottenLineId).toBe(3)
    const second = start()
    expect(enter(second, 'bob').state?.forgottenLineId).toBe(3)
  })

  test('forgets rooms that are too many for it', () => {
    const first = start()
    const { visitor } = enter(first, 'alice', 'one')
    first.say(visitor, 'in one')
    for (const room of ['two', 'three', 'four']) first.join(visitor, { room, name: 'alice' }, () => {})
    const second = start({ roomsMax: 1 })
    expect(second.rooms.count).toBe(1)
    expect(enter(second, 'alice', 'four').state?.forgottenLineId).toBe(0)
    expect(second.rooms.forgottenLineId).toBe(1)
  })
})

describe('the file of a history', () => {
  test('is not touched before something changes, and is for its owner only', async () => {
    const service = start()
    expect(await readdir(folder)).toEqual([])
    enter(service, 'alice')
    expect(await readdir(join(folder, 'deeper'))).toEqual(['history.jsonl'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('with half a row at its end loses that row only, and goes on with whole ones', async () => {
    const first = start()
    first.say(enter(first, 'alice').visitor, 'whole', 1)
    await appendFile(path, '{"kind":"line","room":"lob')
    const second = start()
    const { visitor } = enter(second, 'alice')
    second.say(visitor, 'after', 2)
    const third = start()
    expect(textsFor(third, enter(third, 'alice').visitor)).toEqual(['whole', 'after'])
    expect(warnings).toEqual([])
  })

  test('with rows that cannot be read says so, and reads the others', async () => {
    const first = start()
    first.say(enter(first, 'alice').visitor, 'whole', 1)
    await appendFile(path, 'garbage\n{"kind":"line","room":5}\n')
    const second = start()
    expect(textsFor(second, enter(second, 'alice').visitor)).toEqual(['whole'])
    expect(warnings).toEqual(['rows of the history cannot be read'])
  })

  test('stays small, however much is said', async () => {
    const first = start()
    const { visitor } = enter(first, 'alice')
    const text = 'x'.repeat(limits.lineCharactersMax)
    let largestBytes = 0
    for (let number = 1; number <= 3_000; number += 1) {
      await clock.move(50)
      first.say(visitor, text, number)
      if (number % 100 === 0) largestBytes = Math.max(largestBytes, (await stat(path)).size)
    }
    expect(largestBytes).toBeGreaterThan(limits.historyFileBytes / 2)
    expect(largestBytes).toBeLessThan(1.1 * limits.historyFileBytes)
    const second = start()
    const again = enter(second, 'alice')
    expect(textsFor(second, again.visitor)).toHaveLength(limits.historyLinesMax)
    expect(again.state?.lastLineId).toBe(3_000)
  })

  test.each(['# notes of mine\n', '{"kind":"in","room":"lobby","name":"alice","by":"x"}\n', '\n'])(
    'that is something else (%j) is refused and not changed',
    async (content) => {
      path = join(folder, 'notes')
      await writeFile(path, content)
      expect(() => start()).toThrow(/is no history of this chat .*--history/)
      expect(await readFile(path, 'utf8')).toBe(content)
    },
  )

  test('that cannot be written is told of once, and the chat goes on', async () => {
    path = join(folder, 'a-file', 'history.jsonl')
    const service = start()
    await writeFile(join(folder, 'a-file'), '')
    const { visitor } = enter(service, 'alice')
    expect(service.say(visitor, 'one').ok).toBe(true)
    expect(warnings).toEqual(['the history cannot be written: a restart would forget it'])
    await rm(join(folder, 'a-file'))
    service.say(visitor, 'two')
    const second = start()
    expect(textsFor(second, enter(second, 'alice').visitor)).toEqual(['one', 'two'])
  })

  test('is one for each address, and none where the port is a new one each time', () => {
    const where = { host: '127.0.0.1', port: 5500 }
    expect(historyPath(where, { XDG_STATE_HOME: '/state' })).toBe(
      '/state/frameport-chat/127.0.0.1-5500.jsonl',
    )
    expect(historyPath({ ...where, host: '::1' }, { XDG_STATE_HOME: '/s' })).toBe(
      '/s/frameport-chat/__1-5500.jsonl',
    )
    expect(historyPath(where, {})).toMatch(/\/\.local\/state\/frameport-chat\//)
    expect(historyPath({ ...where, port: 0 }, {})).toBeUndefined()
    expect(historyPath({ ...where, history: false }, {})).toBeUndefined()
    expect(historyPath({ ...where, port: 0, history: 'here' }, {})).toBe('here')
  })
})
