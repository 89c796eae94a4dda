import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { recoverSqliteLog, type SqliteEventLog, SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'
import { describe, expect, it } from 'vitest'
import { Draw } from '../../../../tests/support/draw.ts'
import { all, cleaningUp, newFolder } from '../log-support.ts'
import { damages } from './damages.ts'
import { topics, type Written, writeLog } from './written-log.ts'

cleaningUp()

/** Rows of one page, at most: of 70 bytes at least. */
const eventsOfPage = 4096 / 70
const seeds = [1, 2, 3]

/** Reads what there is. What cannot be read says so. @returns how many events there were */
async function read(log: SqliteEventLog, written: Written): Promise<{ events: number; isWhole: boolean }> {
  let events = 0
  let isWhole = true
  for (const topic of topics) {
    try {
      for (const { position, body } of await all(log, topic)) {
        const expected = written.get(position.number)
        expect(expected?.topic).toBe(topic.topic)
        expect(expected?.body.equals(body.bytes)).toBe(true)
        events += 1
      }
    } catch (error) {
      if (!SqliteLogError.is(error)) throw error
      expect(error.code).toBe('FILE_DAMAGED')
      isWhole = false
    }
  }
  return { events, isWhole }
}

async function opened(path: string): Promise<SqliteEventLog | SqliteLogError> {
  try {
    return await sqliteEventLog({ path })
  } catch (error) {
    if (SqliteLogError.is(error)) return error
    throw error
  }
}

/** Opens it and reads it, or is told why not. */
async function openDamaged(path: string, written: Written, lostMax = 0): Promise<void> {
  const before = readFileSync(path)
  const hadWal = existsSync(`${path}-wal`)
  const log = await opened(path)
  if (SqliteLogError.is(log)) {
    expect(['FILE_DAMAGED', 'NOT_A_LOG', 'NEWER_FORMAT']).toContain(log.code)
    if (!hadWal) expect(readFileSync(path).equals(before)).toBe(true)
    return
  }
  try {
    const { events, isWhole } = await read(log, written)
    if (isWhole) expect(events).toBeGreaterThanOrEqual(written.size - lostMax)
  } finally {
    await log.close()
  }
}

/** Events that were lost with so many pages, at most: those that stand in them, and long ones that have a page there. */
function lostAtMost(pages: number): number {
  return pages * eventsOfPage
}

async function recoverAndRead(path: string, written: Written): Promise<number> {
  const into = join(newFolder(), 'recovered.db')
  const report = await recoverSqliteLog({ path, into })
  const log = await sqliteEventLog({ path: into })
  try {
    const { events, isWhole } = await read(log, written)
    expect(isWhole).toBe(true)
    expect(events).toBe(report.events)
    return events
  } finally {
    await log.close()
  }
}

describe.each(Object.entries(damages))('a closed log with %s', (_name, damage) => {
  it.each(seeds)(
    'says so or gives what was written, and is recovered but for what was damaged (seed %i)',
    async (seed) => {
      const draw = new Draw(seed)
      const { path, written } = await writeLog(newFolder(), draw, { events: 600, isKilled: false })
      const pages = damage(path, draw)
      const recovered = await recoverAndRead(path, written)
      expect(recovered).toBeGreaterThanOrEqual(written.size - lostAtMost(pages))
      await openDamaged(path, written)
    },
  )
})

/** Those of the last transaction, which looks as if it was never confirmed. Where the end was cut off nobody knows how much it was. */
function lostInSilence(damage: string): number {
  return damage.startsWith('cut') ? Number.POSITIVE_INFINITY : 20
}

describe.each(Object.entries(damages))(
  'the write-ahead log of a log that was killed, with %s',
  (name, damage) => {
    it.each(seeds)(
      'is noticed, or costs no more than its last transaction, and is recovered (seed %i)',
      async (seed) => {
        const draw = new Draw(seed)
        const { path, written } = await writeLog(newFolder(), draw, { events: 200, isKilled: true })
        damage(`${path}-wal`, draw)
        await recoverAndRead(path, written)
        await openDamaged(path, written, lostInSilence(name))
      },
    )
  },
)

describe('a log that was killed', () => {
  it('is recovered whole, from its file and its write-ahead log', async () => {
    const draw = new Draw(1)
    const { path, written } = await writeLog(newFolder(), draw, { events: 300, isKilled: true })
    expect(existsSync(`${path}-wal`)).toBe(true)
    expect(await recoverAndRead(path, written)).toBe(written.size)
  })

  it('is damaged when its file is gone and its write-ahead log is not', async () => {
    const { path } = await writeLog(newFolder(), new Draw(2), { events: 20, isKilled: true })
    truncateSync(path, 0)
    expect(await opened(path)).toMatchObject({ code: 'FILE_DAMAGED' })
    rmSync(path)
    expect(await opened(path)).toMatchObject({ code: 'FILE_DAMAGED' })
    expect(existsSync(`${path}-wal`)).toBe(true)
  })
})
