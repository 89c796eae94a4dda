import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/*
 * Runs short connections beside quiet ones that are paused and resumed all the time, in two processes. Every short and
 * every quiet connection has to be answered, the server's port has to close, and its worker thread has to end. The
 * clients are node:net, which shares nothing with the port.
 */
const usage = `usage: pauses --backend NAME [--quiet N] [--short N] [--pause-ms N]

  --backend   the back end of the server
  --quiet     connections that are paused and resumed; default: 8000
  --short     connections of one byte and the end, 64 at a time; default: 20000
  --pause-ms  how often the quiet ones are paused and resumed; default: 30

The exit code is 1 when a connection was never answered, or when the port's close or its worker's end never settled.
Both processes share one core (taskset): bytes and their end meet in one wait then.
`
const lanes = 64
/** The first is for the quiet ones. Each has its own pairs of ports: an ended connection keeps its pair a minute. */
const addresses = 9
/** The most that a lane waits for an answer before it continues: one deaf connection must not stop the others. */
const patienceMs = 3_000
/** The time for late answers at the end, when nothing else runs any more. */
const lastPatienceMs = 60_000

function readArguments() {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string' },
      quiet: { type: 'string', default: '8000' },
      short: { type: 'string', default: '20000' },
      'pause-ms': { type: 'string', default: '30' },
    },
  })
  const counts = [values.quiet, values.short, values['pause-ms']]
  if (values.backend === undefined) throw new Error('--backend says which server is meant')
  if (!counts.every((count) => /^[1-9]\d*$/.test(count))) throw new Error('N is a whole number from 1 on')
  const [quiet, short, pauseMs] = counts.map(Number)
  return { backend: values.backend, quiet: quiet!, short: short!, pauseMs: pauseMs! }
}

let options: ReturnType<typeof readArguments>
try {
  options = readArguments()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}`)
  process.exit(2)
}

/** Connections that wait for their answer. */
const unanswered = { short: new Set<Socket>(), quiet: new Set<Socket>() }
const faults: string[] = []

function open(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', (error) => faults.push(String(error)))
  return socket
}

/** Waits for the echoed byte and the end. */
async function answered(socket: Socket, among: Set<Socket>): Promise<void> {
  among.add(socket)
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  await once(socket, 'close')
  among.delete(socket)
  if (bytes !== 1) faults.push(`an answer of ${bytes} bytes to one byte`)
}

async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const inTime = new AbortController()
  const late = delay(ms, 'late', { signal: inTime.signal }).catch(() => 'in time')
  const first = await Promise.race([work.then(() => 'in time'), late])
  inTime.abort()
  return first === 'in time'
}

async function shortLane(urls: readonly string[], next: () => number): Promise<void> {
  for (let index = next(); index < options.short; index = next()) {
    const socket = open(urls[1 + (index % (addresses - 1))]!)
    socket.once('connect', () => socket.end('.'))
    await within(patienceMs, answered(socket, unanswered.short))
  }
}

async function openQuiet(url: string): Promise<Socket[]> {
  const sockets: Socket[] = []
  const lane = async () => {
    while (sockets.length < options.quiet) {
      const socket = open(url)
      sockets.push(socket)
      await once(socket, 'connect')
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return sockets
}

async function ask(server: ChildProcess, question: string): Promise<unknown> {
  server.send(question)
  const [report] = await once(server, 'message')
  return report
}

// Pins all threads of this process to one core; processes started from here on inherit it.
const [core] = /(?<=^Cpus_allowed_list:\s*)\d+/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? ['0']
execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(process.pid)])
const server = fork(
  fileURLToPath(new URL('./pauses-server.ts', import.meta.url)),
  [options.backend, String(options.pauseMs), String(addresses)],
  { execArgv: process.execArgv },
)
const [{ urls }] = (await once(server, 'message')) as [{ urls: readonly string[] }]
const started = performance.now()
const quiet = await openQuiet(urls[0]!)
let index = 0
await Promise.all(Array.from({ length: lanes }, () => shortLane(urls, () => index++)))
await within(lastPatienceMs, ask(server, 'pauses end'))
const quietAnswers = quiet.map((socket) => {
  socket.end('.')
  return answered(socket, unanswered.quiet)
})
const shortAnswers = [...unanswered.short].map((socket) => once(socket, 'close'))
await within(lastPatienceMs, Promise.all([...quietAnswers, ...shortAnswers]))
for (const kind of ['short', 'quiet'] as const) {
  if (unanswered[kind].size > 0)
    faults.push(`${unanswered[kind].size} of ${options[kind]} ${kind} connections were never answered`)
}
if (!(await within(lastPatienceMs, ask(server, 'close')))) faults.push('close() of the port never settled')
if (!(await within(lastPatienceMs, ask(server, 'terminate')))) faults.push('terminate() never settled')
for (const fault of new Set(faults)) process.stdout.write(`${options.backend}: ${fault}\n`)
if (faults.length === 0) {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `${options.backend}: ${options.short} short connections beside ${options.quiet} quiet ones, paused and resumed ` +
      `every ${options.pauseMs} ms, all answered in ${seconds} s; close() and terminate() settled\n`,
  )
}
server.kill('SIGKILL')
process.exit(faults.length > 0 ? 1 : 0)
