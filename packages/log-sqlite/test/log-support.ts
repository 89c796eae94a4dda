import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type SqliteEventLog,
  type SqliteEventLogOptions,
  SqliteLogError,
  sqliteEventLog,
} from '@frameport/log-sqlite'
import type { EventToLog, LogEntry, LogPosition } from '@frameport/server'
import { afterEach } from 'vitest'

const opened: SqliteEventLog[] = []
const folders: string[] = []

/** Closes the logs of each test, and removes its folders. */
export function cleaningUp(): void {
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.close().catch(() => undefined)))
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-log-'))
  folders.push(folder)
  return folder
}

/** The path of a file that does not exist yet, in a new folder. */
export function newPath(): string {
  return join(newFolder(), 'history.db')
}

export async function open(path: string, options: Omit<SqliteEventLogOptions, 'path'> = {}) {
  const log = await sqliteEventLog({ path, ...options })
  opened.push(log)
  return log
}

export const lobby = { event: 'chat@1/line', topic: '{"room":"lobby"}' } as const

export function line(text: string, more: Partial<EventToLog> = {}): EventToLog {
  return { ...lobby, body: { encoding: 'codec', bytes: Buffer.from(JSON.stringify(text)) }, ...more }
}

export function textOf({ body }: LogEntry): string {
  return JSON.parse(Buffer.from(body.bytes).toString('utf8')) as string
}

export function texts(entries: readonly LogEntry[]): string[] {
  return entries.map(textOf)
}

/** A query without effective limits. */
export const page = { ...lobby, eventsMax: 1000, bytesMax: 1024 * 1024 } as const

/** The position before all events that the log has ever had. */
export async function start(log: SqliteEventLog): Promise<LogPosition> {
  const { position } = await log.after({ ...page, position: undefined })
  return { ...position, number: 0 }
}

/** All events of a topic, read page by page. */
export async function all(log: SqliteEventLog, topic: { event: string; topic: string } = lobby) {
  const entries: LogEntry[] = []
  let position = await start(log)
  for (;;) {
    const reading = await log.after({ ...page, ...topic, position })
    entries.push(...reading.entries)
    position = reading.position
    if (reading.isEnd) return entries
  }
}

/** The error with which a promise rejects. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<SqliteLogError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (SqliteLogError.is(failure)) return failure
  throw new Error('it did not fail with a SqliteLogError', { cause: failure })
}
