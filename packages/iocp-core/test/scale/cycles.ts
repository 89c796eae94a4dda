import assert from 'node:assert/strict'
import { type BackendName, type CompletionPort, createCompletionPort } from '../../src/index.ts'
import { endings, runCycle, serveCycle } from './cycle.ts'
import { isHolding, mebibytes, type Usage, until, usage } from './usage.ts'

/*
 * Opens and closes connections over loopback, both ends in this process: cycles.ts BACKEND CYCLES LEFT_OPEN
 * Reads the usage of the process after a tenth of the cycles, when caches are full, and after the last one.
 */
const lanes = 64
/** Each listener has its own address: an orderly close keeps its pair of ports for a minute (TIME_WAIT). */
const addresses = 16
/**
 * The allowed growth from the first tenth to the end. Readings of one process after collections differ by a few
 * hundred KiB of heap and a few MiB of resident memory. An object of 32 bytes lost in each of 10^5 cycles would be
 * 2.7 MiB of heap; a native record of a connect (about 200 bytes) lost in each, 17 MiB.
 */
const heapGrowthMax = 2 * 2 ** 20
const residentGrowthMax = 12 * 2 ** 20
/** In a short run the first tenth does not fill the caches of the runtime: 2,000 cycles have grown by 15 MiB. */
const residentCyclesMin = 100_000

const [backend, cyclesText, leftOpenText] = process.argv.slice(2)
const cycles = Number(cyclesText)
const leftOpen = Number(leftOpenText)

async function run(port: CompletionPort, urls: readonly string[], from: number, to: number): Promise<void> {
  let next = from
  const lane = async () => {
    for (let cycle = next++; cycle < to; cycle = next++)
      await runCycle(port, urls[cycle % urls.length]!, cycle)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function quiet(port: CompletionPort): Promise<Usage> {
  await until(
    () => isHolding(port, 0),
    () => `nothing left open: ${JSON.stringify(port.counters)}`,
  )
  return usage()
}

const port = createCompletionPort({ backend: backend as BackendName })
const urls: string[] = []
const listeners = []
for (let address = 1; address <= addresses; address++) {
  const listener = await port.listen(`tcp://127.0.0.${address}:0`, serveCycle)
  listeners.push(listener)
  urls.push(listener.url)
}
const started = performance.now()
const warm = Math.ceil(cycles / 10)
await run(port, urls, 0, warm)
const before = await quiet(port)
await run(port, urls, warm, cycles)
for (let left = 0; left < leftOpen; left++) await port.connect(urls[0]!)
const after = await quiet(port)
const seconds = (performance.now() - started) / 1000

for (const listener of listeners) await listener.close()
assert.ok(
  Object.values(port.counters).every((count) => count === 0),
  JSON.stringify(port.counters),
)
await port.close()
assert.deepEqual(
  [after.descriptors, after.threads],
  [before.descriptors, before.threads],
  'descriptors, threads',
)
const heapGrowth = after.heapBytes - before.heapBytes
const residentGrowth = after.residentBytes - before.residentBytes
const summary =
  `${port.backend}: ${cycles} cycles in ${seconds.toFixed(1)} s (${Math.round(cycles / seconds)}/s, ` +
  `${endings.length} ways to end), descriptors ${after.descriptors}, heap ${growth(heapGrowth)}, ` +
  `resident ${growth(residentGrowth)} since the first tenth`
assert.ok(heapGrowth <= heapGrowthMax, `the heap grew: ${summary}`)
assert.ok(cycles < residentCyclesMin || residentGrowth <= residentGrowthMax, `grew: ${summary}`)
process.stdout.write(`${summary}\n`)

function growth(bytes: number): string {
  return `${bytes < 0 ? '-' : '+'}${mebibytes(Math.abs(bytes))}`
}
