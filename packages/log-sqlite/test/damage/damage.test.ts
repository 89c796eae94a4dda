import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { recoverSqliteLog, type SqliteEventLog, SqliteLogError, sqliteEventLog } from '@frameport/log-sqlite'
import { describe, expect, it } from 'vitest'
import { Draw } from '../../../../tests/support/draw.ts'
import { all, cleaningUp, newFolder } from '../log-support.ts'
import { damages } from './damages.ts'
import { topics, type Written, writeLog } from './written-log.ts'

cleaningUp()

/** The maximum number of rows in one page: a row has at least 70 bytes. */
const eventsOfPage = 4096 / 70
const seeds = [1, 2, 3]

/** Reads all events. An unreadable topic must fail with an error of the package. @returns the number of events */
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

/** Opens and reads the log, or expects an error that explains why it cannot be opened. */
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

/**
 * The maximum number of events that are lost with this many pages: those in the pages, and long ones with a page among
 * them.
 */
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
    'is refused or returns what was written, and is recovered except for the damaged events (seed %i)',
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

/**
 * The events of the last transaction, which looks as if it was never confirmed. If the end was cut off, the number is
 * unknown.
 */
function lostInSilence(damage: string): number {
  return damage.startsWith('cut') ? Number.POSITIVE_INFINITY : 20
}

describe.each(Object.entries(damages))('the write-ahead log of a killed log, with %s', (name, damage) => {
  it.each(seeds)(
    'is refused, or loses no more than its last transaction, and is recovered (seed %i)',
    async (seed) => {
      const draw = new Draw(seed)
      const { path, written } = await writeLog(newFolder(), draw, { events: 200, isKilled: true })
      damage(`${path}-wal`, draw)
      await recoverAndRead(path, written)
      await openDamaged(path, written, lostInSilence(name))
    },
  )
})

describe('a killed log', () => {
  it('is recovered completely, from its file and its write-ahead log', async () => {
    const draw = new Draw(1)
    const { path, written } = await writeLog(newFolder(), draw, { events: 300, isKilled: true })
    expect(existsSync(`${path}-wal`)).toBe(true)
    expect(await recoverAndRead(path, written)).toBe(written.size)
  })

  it('is damaged if its file is gone and its write-ahead log is not', async () => {
    const { path } = await writeLog(newFolder(), new Draw(2), { events: 20, isKilled: true })
    truncateSync(path, 0)
    expect(await opened(path)).toMatchObject({ code: 'FILE_DAMAGED' })
    rmSync(path)
    expect(await opened(path)).toMatchObject({ code: 'FILE_DAMAGED' })
    expect(existsSync(`${path}-wal`)).toBe(true)
  })
})
