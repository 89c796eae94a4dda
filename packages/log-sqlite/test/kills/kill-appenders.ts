import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type SqliteLogDurability, sqliteEventLog } from '@frameport/log-sqlite'
import type { LogEntry } from '@frameport/server'
import type { Draw } from '../../../../tests/support/draw.ts'

const appender = fileURLToPath(new URL('appender.ts', import.meta.url))

export interface KillOptions {
  readonly folder: string
  readonly kills: number
  readonly durability: SqliteLogDurability
  readonly inFlight: number
  readonly draw: Draw
}

export interface KillReport {
  readonly confirmed: number
  /** The number of events in the log that were never confirmed, because they were appended when the process died. */
  readonly unconfirmed: number
}

interface Confirmed {
  readonly number: number
  readonly topic: string
  readonly name: string
}

/**
 * Kills processes while they append to one log, each at a random moment after its first confirmation. After each, it
 * checks that every confirmed event is in the log.
 *
 * @throws Error for an event that is missing, is there twice, or has another number
 */
export async function killAppenders(options: KillOptions): Promise<KillReport> {
  const path = join(options.folder, 'history.db')
  const confirmed: Confirmed[] = []
  let unconfirmed = 0
  for (let kill = 0; kill < options.kills; kill++) {
    confirmed.push(...(await killOne(path, options)))
    unconfirmed = (await check(path, confirmed)) - confirmed.length
  }
  return { confirmed: confirmed.length, unconfirmed }
}

async function killOne(path: string, { durability, inFlight, draw }: KillOptions): Promise<Confirmed[]> {
  const child = spawn(
    process.execPath,
    ['--conditions=@frameport/source', '--import', 'tsx', appender, path, durability, `${inFlight}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  const wanted = draw.int(1, 40 * inFlight)
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    // The moment depends on the confirmed events, plus a short delay, so that it is often in the middle of a
    // transaction.
    if (text.split('\n').length > wanted) setTimeout(() => child.kill('SIGKILL'), draw.number() * 3)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`the process ended by itself, with ${code ?? signal}`)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [number, topic, name] = line.split(' ')
      return { number: Number(number), topic: topic as string, name: name as string }
    })
}

/** @returns the number of events in the log */
async function check(path: string, confirmed: readonly Confirmed[]): Promise<number> {
  await using log = await sqliteEventLog({ path })
  let events = 0
  for (const topic of ['0', '1', '2']) {
    const entries = await readAll(log, topic)
    events += entries.length
    const names = entries.map(({ body }) => Buffer.from(body.bytes).toString('utf8').split(' ')[0] as string)
    const byNumber = new Map(entries.map(({ position: { number } }, index) => [number, names[index]]))
    if (new Set(names).size !== names.length) throw new Error(`topic ${topic} has an event twice`)
    for (const { number, name } of confirmed.filter((event) => event.topic === topic)) {
      if (byNumber.get(number) === name) continue
      throw new Error(`${name} was confirmed as ${number}, where ${byNumber.get(number) ?? 'nothing'} is`)
    }
    checkOrder(topic, names)
  }
  return events
}

/** Each appender waits for an event before it appends the next one, so its events must be in order. */
function checkOrder(topic: string, names: readonly string[]): void {
  const last = new Map<string, number>()
  for (const name of names) {
    const [process, appender, count] = name.split('/')
    const key = `${process}/${appender}`
    if (Number(count) <= (last.get(key) ?? -1)) throw new Error(`topic ${topic} has ${name} too late`)
    last.set(key, Number(count))
  }
}

async function readAll(
  log: Awaited<ReturnType<typeof sqliteEventLog>>,
  topic: string,
): Promise<readonly LogEntry[]> {
  const query = { event: 'kills@1/line', topic, eventsMax: 1000, bytesMax: 1024 * 1024 }
  const entries: LogEntry[] = []
  let { position } = await log.after({ ...query, position: undefined })
  position = { ...position, number: 0 }
  for (;;) {
    const reading = await log.after({ ...query, position })
    if (reading.missed !== undefined) throw new Error(`the log says that topic ${topic} misses events`)
    entries.push(...reading.entries)
    position = reading.position
    if (reading.isEnd) return entries
  }
}
