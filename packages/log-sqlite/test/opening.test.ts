import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SqliteEventLogOptions, SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'
import { describe, expect, it } from 'vitest'
import {
  all,
  cleaningUp,
  failureOf,
  line,
  newFolder,
  newPath,
  open,
  page,
  start,
  texts,
} from './log-support.ts'

cleaningUp()

describe('a reopened log', () => {
  it('has its id, its events and its ids, and continues after its last number', async () => {
    const path = newPath()
    const before = await open(path)
    const place = await before.append(line('a', { id: 'x' }))
    await before.append(line('b'))
    await before.close()
    const after = await open(path)
    expect(await after.append(line('a', { id: 'x' }))).toEqual({ ...place, isRepeat: true })
    expect(await after.append(line('c'))).toEqual({ ...place, number: 3 })
    expect(texts(await all(after))).toEqual(['a', 'b', 'c'])
  })

  it('never assigns a number again, even if limits have deleted the newest events', async () => {
    const path = newPath()
    const before = await open(path, { limits: { ageMsMax: 1 } })
    const { number } = await before.append(line('a'))
    await expect.poll(() => all(before)).toEqual([])
    await before.close()
    const after = await open(path)
    expect((await after.append(line('b'))).number).toBe(number + 1)
    expect(await after.after({ ...page, position: await start(after) })).toMatchObject({ missed: 0 })
  })

  it('has another id if its file is another one', async () => {
    const [one, other] = await Promise.all([open(newPath()), open(newPath())])
    expect((await start(one)).log).not.toEqual((await start(other)).log)
  })

  it('keeps its events with the other durability, too', async () => {
    const path = newPath()
    const before = await open(path, { durability: 'process' })
    const place = await before.append(line('a'))
    await before.close()
    const after = await open(path, { durability: 'power' })
    expect(await after.append(line('b'))).toEqual({ ...place, number: 2 })
  })
})

describe('a file', () => {
  it('can be opened by one log at a time, and the error says so', async () => {
    const path = newPath()
    const log = await open(path)
    const failure = await failureOf(open(path))
    expect(failure.code).toBe('FILE_IN_USE')
    expect(failure.message).toContain(path)
    await log.append(line('a'))
    await log.close()
    expect(texts(await all(await open(path)))).toEqual(['a'])
  })

  it('can be opened by relative paths, and each name means the same file', async () => {
    const path = newPath()
    await open(path)
    expect((await failureOf(open(join(path, '..', 'history.db')))).code).toBe('FILE_IN_USE')
  })

  it('whose lock file another program has written is refused with its name, and opens once that is gone', async () => {
    const path = newPath()
    await (await open(path)).close()
    const lock = `${path}-lock`
    writeFileSync(lock, 'no lock '.repeat(1000))
    const failure = await failureOf(open(path))
    expect(failure.code).toBe('LOCK_FILE_DAMAGED')
    expect(failure.message).toContain(lock)
    rmSync(lock)
    await expect(all(await open(path))).resolves.toEqual([])
  })

  it('cannot be a folder, nor be in a folder that does not exist', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'history.db'))
    const failure = await failureOf(open(join(folder, 'history.db')))
    expect(failure.code).toBe('CANNOT_OPEN')
    expect(failure.message).toContain('is not a file')
    expect((await failureOf(open(join(folder, 'none', 'history.db')))).code).toBe('CANNOT_OPEN')
  })

  it('that contains something else is not changed', async () => {
    const path = newPath()
    writeFileSync(path, 'notes of somebody\n'.repeat(1000))
    const failure = await failureOf(open(path))
    expect(failure.code).toBe('NOT_A_LOG')
    expect(failure.message).toContain(path)
  })

  it('that is empty becomes a log', async () => {
    const path = newPath()
    writeFileSync(path, '')
    const log = await open(path)
    await log.append(line('a'))
    expect(texts(await all(log))).toEqual(['a'])
  })
})

describe('wrong options', () => {
  it.each([
    [undefined, 'the options of sqliteEventLog'],
    [{}, 'path is'],
    [{ path: '' }, 'path is ""'],
    [{ path: 7 }, 'path is 7'],
    [{ path: 'a\0b' }, 'NUL'],
    [{ path: ':memory:', durabilty: 'power' }, 'did you mean durability?'],
    [{ path: ':memory:', durability: 'disk' }, 'not one of power, process'],
    [{ path: ':memory:', limits: 7 }, 'limits is 7'],
  ])('%j are refused', async (options, text) => {
    const failure = await failureOf(sqliteEventLog(options as SqliteEventLogOptions))
    expect(failure.code).toBe('INVALID_OPTION')
    expect(failure.message).toContain(text)
  })

  it.each([
    [{ eventsMax: 0 }, 'eventsMax is 0'],
    [{ eventsMx: 1 }, 'did you mean eventsMax?'],
    [{ bytesMax: 1.5 }, 'bytesMax is 1.5'],
    [{ topicEventsMax: '7' }, 'topicEventsMax is "7"'],
    [{ waitingBytesMax: Number.POSITIVE_INFINITY }, 'waitingBytesMax is Infinity'],
    [{ ageMsMax: 0 }, 'ageMsMax is 0'],
    [{ ageMsMax: -1 }, 'ageMsMax is -1'],
    [{ ageMsMax: 10 * 366 * 86_400_000 + 1 }, 'ageMsMax is 316'],
    [{ ageMsMax: 1e300 }, 'ageMsMax is 1e+300'],
    [{ ageMsMax: Number.NaN }, 'ageMsMax is NaN'],
    [{ ageMsMax: '7' }, 'ageMsMax is "7"'],
  ])('the limits %j are refused', async (limits, text) => {
    const options = { path: ':memory:', limits } as SqliteEventLogOptions
    const failure = await failureOf(sqliteEventLog(options))
    expect(failure.code).toBe('INVALID_LIMITS')
    expect(failure.message).toContain(text)
  })

  it('the maximum age is accepted', async () => {
    await open(':memory:', { limits: { ageMsMax: 10 * 366 * 86_400_000 } })
  })

  it('the error of a getter is the cause', async () => {
    const cause = new Error('no')
    const options = {
      get path(): string {
        throw cause
      },
    }
    expect((await failureOf(sqliteEventLog(options))).cause).toBe(cause)
  })
})

describe('SqliteLogError.is', () => {
  it('recognises errors of this package, and nothing else', () => {
    expect(SqliteLogError.is(new SqliteLogError('DISK_FULL'))).toBe(true)
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    for (const other of [new Error('DISK_FULL'), undefined, null, 7, revoked.proxy]) {
      expect(SqliteLogError.is(other)).toBe(false)
    }
  })
})
