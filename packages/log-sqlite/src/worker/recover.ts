import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { StoredEvent } from '../event-format.ts'
import { EventScan, type FoundEvent } from '../file/event-scan.ts'
import { holderBytes, sqliteLogLimits } from '../limits.ts'
import type { SqliteLogRecoveryReport } from '../messages.ts'
import type { SqliteLogRecovery } from '../options.ts'
import { SqliteLogError } from '../sqlite-log-error.ts'
import { lockFile } from './file-lock.ts'
import { LogStore } from './log-store.ts'
import { realPath } from './open-database.ts'
import { failureOf } from './sqlite-failure.ts'

/** The number of events that are written together. */
const batchEvents = 1000

/**
 * Copies every intact event from a file into a new one, in the order of their numbers, which they keep.
 *
 * @throws SqliteLogError
 */
export function recover({ path: given, into }: SqliteLogRecovery): SqliteLogRecoveryReport {
  const path = realPath(given)
  const target = resolve(into)
  if (existsSync(target)) throw new SqliteLogError('TARGET_EXISTS', target)
  if (!existsSync(path)) throw new SqliteLogError('CANNOT_OPEN', `${path} does not exist`)
  const unlock = lockFile(path)
  try {
    const scan = new EventScan(path)
    try {
      return copy(scan, target)
    } finally {
      scan.close()
    }
  } catch (error) {
    throw failureOf(error, path)
  } finally {
    unlock()
  }
}

function copy(scan: EventScan, into: string): SqliteLogRecoveryReport {
  const found = new Map<number, FoundEvent>()
  for (const event of scan.find()) found.set(event.number, event)
  const inOrder = [...found.values()].sort((one, other) => one.number - other.number)
  const store = new LogStore({ path: into, durability: 'power', limits: sqliteLogLimits })
  try {
    for (let at = 0; at < inOrder.length; at += batchEvents) {
      store.appendRecovered(eventsOf(scan, inOrder.slice(at, at + batchEvents)))
    }
    store.close()
  } catch (error) {
    store.close()
    for (const end of ['', '-wal', '-lock']) rmSync(into + end, { force: true })
    throw error
  }
  const firstNumber = inOrder[0]?.number
  const lastNumber = inOrder.at(-1)?.number
  const span = firstNumber === undefined || lastNumber === undefined ? 0 : lastNumber - firstNumber + 1
  return {
    events: inOrder.length,
    eventsDamaged: scan.rowsDamaged,
    numbersMissing: span - inOrder.length,
    firstNumber,
    lastNumber,
    pages: scan.pages,
  }
}

function eventsOf(scan: EventScan, found: readonly FoundEvent[]): (StoredEvent & { cost: number })[] {
  return found.flatMap((place) => {
    const event = scan.read(place)
    if (event === undefined) return []
    const { event: name, topic, id, body } = event
    return [{ ...event, cost: body.length + name.length + topic.length + (id?.length ?? 0) + holderBytes }]
  })
}
