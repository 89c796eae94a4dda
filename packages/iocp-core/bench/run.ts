import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPrograms, type Programs } from './build-programs.ts'
import { drawChart } from './chart.ts'
import { compare, comparisonTable } from './comparison.ts'
import { besideBefore, type Contestant, chooseContestants, hasBun } from './contestants.ts'
import { interleave } from './interleave.ts'
import { measure, type Run } from './measure.ts'
import { type IdleMemory, measureIdleMemory } from './memory.ts'
import { type BenchOptions, readOptions, usage } from './options.ts'
import { loadCore, ServerProcess, serverCore } from './server-process.ts'
import { type Place, summarize } from './summary.ts'
import { asMarkdown, asText, bytes, memoryTable, placeTable, type Table } from './table.ts'

/** Measures all contestants, interleaved, at every payload size and setting; prints tables and draws one chart. */

interface PlaceResult {
  readonly place: Place
  readonly runs: readonly Run[]
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const progress = (text: string) => process.stderr.write(`${text}\n`)

function sayConditions(options: BenchOptions): void {
  const processor = cpus()[0]?.model ?? 'unknown processor'
  say(`Echoed frames a second; servers on core ${serverCore}, the load in C++ on core ${loadCore}.`)
  say(`${processor}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}.`)
  say(
    `Load average before: ${loadavg()[0]?.toFixed(1)}. ${options.rounds} rounds of ${options.measureMs} ms.`,
  )
  say('A ratio compares a run with the mean of the two runs of the best node:net variant around it:')
  say('median (lowest–highest). "slowest p99" is the 99th percentile of the connection where it is highest.')
  if (!hasBun()) say('Without Bun.listen: `npm ci --ignore-scripts --prefix benchmarks` brings Bun.')
  say('')
}

function sayTable(table: Table, options: BenchOptions): void {
  say(options.markdown ? asMarkdown(table) : asText(table))
}

async function measurePlaces(
  programs: Programs,
  contestants: readonly Contestant[],
  options: BenchOptions,
): Promise<PlaceResult[]> {
  const servers: ServerProcess[] = []
  const results: PlaceResult[] = []
  try {
    for (const contestant of contestants) servers.push(await ServerProcess.start(contestant, programs))
    progress('warming up')
    const setting = { connections: 16, depth: 8 }
    for (const server of servers) await measure(programs.load, server, 64, setting, options)
    for (const payloadBytes of options.payloadBytes) {
      for (const setting of options.settings) {
        progress(`${bytes(payloadBytes)}, ${setting.connections} connections, depth ${setting.depth}`)
        const runs = await interleave(programs.load, servers, payloadBytes, setting, options)
        const place = summarize(payloadBytes, setting, runs)
        results.push({ place, runs })
        sayTable(placeTable(place), options)
        if (options.before !== undefined) sayTable(comparisonTable(place, compare(runs)), options)
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
  return results
}

async function measureMemory(
  programs: Programs,
  contestants: readonly Contestant[],
  options: BenchOptions,
): Promise<IdleMemory[]> {
  if (options.idleConnections.length === 0) return []
  const memory: IdleMemory[] = []
  for (const contestant of contestants) {
    progress(`idle connections of ${contestant.name}`)
    memory.push(await measureIdleMemory(programs, contestant, options.idleConnections))
  }
  sayTable(memoryTable(memory), options)
  return memory
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  progress(`wrote ${file}`)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) {
    say(usage)
    return
  }
  if (process.platform !== 'linux')
    throw new Error('The benchmark pins processes and reads /proc: it needs Linux.')
  const chosen = chooseContestants(options.contestants)
  const contestants = options.before === undefined ? chosen : besideBefore(chosen)
  const programs = await buildPrograms(options.before)
  sayConditions(options)
  const results = await measurePlaces(programs, contestants, options)
  const memory = await measureMemory(programs, contestants, options)
  const places = results.map(({ place }) => place)
  const chartFile = options.chartFile ?? fileURLToPath(new URL('../build/bench-core.svg', import.meta.url))
  write(chartFile, drawChart(places))
  if (options.jsonFile !== undefined) {
    write(options.jsonFile, `${JSON.stringify({ options, results, memory }, undefined, 2)}\n`)
  }
}

await main()
