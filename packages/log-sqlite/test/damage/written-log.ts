import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteEventLog } from '@frameport/log-sqlite'
import type { Draw } from '../../../../tests/support/draw.ts'

export const topics = ['a', 'b', 'c'].map((name) => ({ event: 'damage@1/line', topic: `{"room":"${name}"}` }))

/** The events that were appended and confirmed: number, topic and body. */
export type Written = ReadonlyMap<number, { readonly topic: string; readonly body: Buffer }>

export interface WrittenLog {
  readonly path: string
  readonly written: Written
}

/**
 * Writes a log, and leaves it closed, or as a killed process leaves it, with a write-ahead log.
 *
 * @param options.events mostly short ones, and some of several pages
 */
export async function writeLog(
  folder: string,
  draw: Draw,
  options: { events: number; isKilled: boolean },
): Promise<WrittenLog> {
  const path = join(folder, 'written.db')
  const copy = join(folder, 'history.db')
  const written = new Map<number, { topic: string; body: Buffer }>()
  const log = await sqliteEventLog({ path, durability: 'process' })
  for (let left = options.events; left > 0; ) {
    const events = Array.from({ length: Math.min(left, draw.int(1, 20)) }, () => ({
      ...draw.pick(topics),
      body: { encoding: 'raw' as const, bytes: bytesOf(draw) },
    }))
    const places = await Promise.all(events.map((event) => log.append(event)))
    for (const [index, { topic, body }] of events.entries()) {
      written.set(places[index]!.number, { topic, body: body.bytes })
    }
    left -= events.length
  }
  if (!options.isKilled) await log.close()
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end)
  if (options.isKilled) await log.close()
  return { path: copy, written }
}

function bytesOf(draw: Draw): Buffer {
  const length = draw.chance(0.05) ? draw.int(5_000, 30_000) : draw.int(0, 300)
  return Buffer.from(Array.from({ length }, () => draw.int(0, 255)))
}
