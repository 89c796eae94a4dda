import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'epoll' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1000' },
    payload: { type: 'string', default: '64' },
  },
})
const rounds = Number(values.rounds)

/** Connections and frames on their way in each. */
const settings = [
  [64, 1],
  [64, 16],
  [1, 1],
  [1, 16],
] as const

const serverCore = '0'
const loadCore = '1'
const warmUpMs = '300'
const runTypeScript = ['--conditions=@frameport/source', '--import', 'tsx']

interface Server {
  readonly child: ChildProcess
  readonly port: string
}

function buildLoad(): string {
  const source = here('load.cc')
  const binary = here('../build/bench-load')
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary
  mkdirSync(here('../build/'), { recursive: true })
  execFileSync('g++', ['-std=c++17', '-O2', '-Wall', '-Wextra', '-o', binary, source], { stdio: 'inherit' })
  return binary
}

function startServer(file: string, ...args: readonly string[]): Promise<Server> {
  const command = [process.execPath, ...runTypeScript, here(file), ...args]
  const child = spawn('taskset', ['-c', serverCore, ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ${file} ended with ${code}`)))
    child.stdout.once('data', (line: Buffer) => {
      resolve({ child, port: line.toString().split(' ')[1]?.trim() ?? '' })
    })
  })
}

interface Figure {
  readonly framesPerSecond: number
  /** Of all threads of the server, from the first frame to the last: what others on the machine take is not in it. */
  readonly framesPerCpuSecond: number
}

/** Clock ticks a second of /proc/PID/stat (proc(5)): 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** utime and stime of all threads of a process. */
function cpuSeconds({ child }: Server): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** One run. A wrong echo, or none, makes the load fail and with it the benchmark. */
function measure(load: string, server: Server, connections: number, depth: number): Figure {
  const args = [server.port, String(connections), String(depth), values.payload, warmUpMs, values.ms]
  const cpuBefore = cpuSeconds(server)
  const output = execFileSync('taskset', ['-c', loadCore, load, ...args], { encoding: 'utf8' })
  const cpu = cpuSeconds(server) - cpuBefore
  const [frames = 0, nanoseconds = 1, allFrames = 0] = output.trim().split(' ').map(Number)
  return { framesPerSecond: (frames / nanoseconds) * 1e9, framesPerCpuSecond: allFrames / cpu }
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

interface Comparison {
  readonly net: number
  readonly ours: number
  readonly ratio: number
  readonly lowest: number
  readonly highest: number
}

/** Each run of ours against the mean of the two of node:net around it. */
function compare(net: readonly number[], ours: readonly number[]): Comparison {
  const ratios = ours.map(
    (figure, at) => figure / (((net[at] ?? Number.NaN) + (net[at + 1] ?? Number.NaN)) / 2),
  )
  return {
    net: median(net),
    ours: median(ours),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  }
}

/** A B A B … A, with A node:net. */
function interleaved(measureNet: () => Figure, measureOurs: () => Figure) {
  const net = [measureNet()]
  const ours: Figure[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(measureOurs())
    net.push(measureNet())
  }
  const compareBy = (key: keyof Figure) =>
    compare(
      net.map((figure) => figure[key]),
      ours.map((figure) => figure[key]),
    )
  return { wall: compareBy('framesPerSecond'), cpu: compareBy('framesPerCpuSecond') }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const thousands = (figure: number) => Math.round(figure).toLocaleString('en').padStart(11)

/** `1.72 (1.65–1.80)`: the median and the spread. */
function ratioOf({ ratio, lowest, highest }: Comparison): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`.padStart(18)
}

async function main(): Promise<void> {
  const load = buildLoad()
  const servers = [
    await startServer('net-server.ts'),
    await startServer('../../../apps/demo/src/commands/echo.ts', 'server', '0', '--backend', values.backend),
  ] as const
  try {
    say(
      `Echoed frames of ${values.payload} bytes per second, servers on core ${serverCore}, load on core ${loadCore}`,
    )
    say(
      `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`,
    )
    say(
      `${rounds} rounds of ${values.ms} ms; load average of the machine before: ${loadavg()[0]?.toFixed(1)}`,
    )
    say('ratio: median (lowest–highest) of each run against the mean of its two neighbours on node:net')
    say('')
    say(
      `connections  depth     node:net ${values.backend.padStart(11)}             ratio  ratio per CPU second`,
    )
    for (const [connections, depth] of settings) {
      const { wall, cpu } = interleaved(
        () => measure(load, servers[0], connections, depth),
        () => measure(load, servers[1], connections, depth),
      )
      const place = `${String(connections).padStart(11)} ${String(depth).padStart(6)}`
      say(
        `${place} ${thousands(wall.net)} ${thousands(wall.ours)} ${ratioOf(wall)} ${ratioOf(cpu).padStart(21)}`,
      )
    }
  } finally {
    for (const { child } of servers) {
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
    }
  }
}

await main()
