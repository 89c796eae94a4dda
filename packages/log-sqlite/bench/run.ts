import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SqliteEventLog, sqliteEventLog } from '@frameport/log-sqlite'

/**
 * Measures the cost of an event, with and without `fsync`, by the number of events in flight.
 * To run it: `npm run bench [-- rounds]`. Each round measures all variants in turn, because the speed of the disk
 * changes from minute to minute. The first variant is measured twice, to show how much two measurements of the same
 * thing differ.
 */
const rounds = Number(process.argv[2] ?? 7)
const body = { encoding: 'raw', bytes: new Uint8Array(200) } as const
const event = { event: 'bench@1/line', topic: '{"room":"lobby"}', body } as const

const folder = mkdtempSync(join(tmpdir(), 'frameport-bench-'))
const ways: readonly { name: string; open: () => Promise<SqliteEventLog> }[] = [
  { name: 'power', open: () => sqliteEventLog({ path: join(folder, 'power.db') }) },
  {
    name: 'process',
    open: () => sqliteEventLog({ path: join(folder, 'process.db'), durability: 'process' }),
  },
  { name: ':memory:', open: () => sqliteEventLog({ path: ':memory:' }) },
  { name: 'power again', open: () => sqliteEventLog({ path: join(folder, 'again.db') }) },
]
const flights = [
  { inFlight: 1, events: 150 },
  { inFlight: 16, events: 1600 },
  { inFlight: 256, events: 10_240 },
]

/** Returns the microseconds per event. */
async function measure(log: SqliteEventLog, inFlight: number, events: number): Promise<number> {
  const beganAt = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let count = 0; count < events / inFlight; count++) await log.append(event)
    }),
  )
  return ((performance.now() - beganAt) * 1000) / events
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] as number
}

const logs = await Promise.all(ways.map(({ open }) => open()))
const rows = [
  '| events in flight | power | process | :memory: | power again |',
  '| --- | --- | --- | --- | --- |',
]
for (const { inFlight, events } of flights) {
  const measured = ways.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, log] of logs.entries()) {
      measured[index]?.push(await measure(log, inFlight, events))
    }
  }
  const medians = measured.map(median)
  const cells = medians.map((cost) => `${cost.toFixed(0)} µs, ${(cost / (medians[0] as number)).toFixed(2)}`)
  rows.push(`| ${inFlight} | ${cells.join(' | ')} |`)
}
process.stdout.write(`${rows.join('\n')}\n`)
await Promise.all(logs.map((log) => log.close()))
rmSync(folder, { recursive: true })
