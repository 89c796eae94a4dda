import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type BackendName, createCompletionPort } from '../../../src/index.ts'
import type { Answer, Asked } from './own-port.ts'

/* Starts two child processes, each with its own port: processes.ts BACKEND fork|cluster */
const [backend, way] = process.argv.slice(2)
const program = fileURLToPath(new URL('./own-port.ts', import.meta.url))
/** node:net has no SO_REUSEPORT before Node 23.1: there each process has its own address. */
const shares = backend !== 'net'

async function start(): Promise<ChildProcess> {
  if (way === 'cluster') cluster.setupPrimary({ exec: program, args: [backend!] })
  const child = way === 'cluster' ? cluster.fork().process : fork(program, [backend!])
  // A cluster worker loses messages that arrive before it listens for them.
  await once(child, 'message')
  return child
}

async function ask(child: ChildProcess, asked: Asked): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(asked)
  return (await answer)[0] as Answer
}

const port = createCompletionPort({ backend: backend as BackendName })

/** The id of the process that serves a new connection; undefined if the connection ended without an answer. */
async function whoServes(url: string): Promise<number | undefined> {
  const connection = await port.connect(url).catch(() => undefined)
  if (connection === undefined) return undefined
  try {
    for await (const chunk of connection) return Number(new TextDecoder().decode(chunk))
  } catch {
    // Reset: its process was killed.
  }
  return undefined
}

async function untilServed(urls: readonly string[], wanted: readonly number[]): Promise<void> {
  const seen = new Set<number | undefined>()
  for (let round = 0; !wanted.every((pid) => seen.has(pid)); round++) {
    assert.ok(round < 500, `only ${[...seen]} of ${wanted} serve`)
    seen.add(await whoServes(urls[round % urls.length]!))
  }
}

const [first, second] = await Promise.all([start(), start()])
const { url } = await ask(first, { listen: 'tcp://127.0.0.1:0', reusePort: shares })
assert.ok(url !== undefined)
// Nothing is shared by default, not even in a cluster: the primary does not know these sockets.
assert.deepEqual(await ask(second, { listen: url, reusePort: false }), { code: 'ADDRESS_IN_USE' })
const other = await ask(second, { listen: shares ? url : 'tcp://127.0.0.1:0', reusePort: shares })
assert.ok(other.url !== undefined, other.code)
await untilServed([url, other.url], [first.pid!, second.pid!])
assert.deepEqual(await ask(second, { handOver: true }), { code: 'ERR_INVALID_HANDLE_TYPE' })

first.kill('SIGKILL')
await once(first, 'exit')
await untilServed([other.url], [second.pid!])
const ended = once(second, 'exit')
second.send({ close: true } satisfies Asked)
assert.deepEqual(await ended, [0, null])
await port.close()
process.stdout.write(`${way}: each served from a port of its own\n`)
