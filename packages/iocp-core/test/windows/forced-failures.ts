import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { injectionOf } from '../../conformance/injection/points.ts'
import { digestOf, pattern, text } from '../../conformance/support/bytes.ts'
import { allZero, eventually } from '../../conformance/support/eventually.ts'
import { accepting, pair } from '../../conformance/support/pair.ts'
import { Recorder } from '../../conformance/support/recorder.ts'
import { type CompletionPort, createCompletionPort, IocpError } from '../../src/index.ts'
import { startLoad } from '../native/children/load.ts'
import { type ProgramCase, runCases } from './support/run-cases.ts'

/*
 * Checks iocp when single calls of Windows fail in documented ways. Needs an addon of the variant inject.
 * This file is also the worker thread that is terminated while the system refuses to cancel.
 */
const injection = injectionOf()
const always = 0xffff_ffff
const shortageMs = 250

async function onPort(run: (port: CompletionPort) => Promise<void>): Promise<void> {
  const port = createCompletionPort({ backend: 'iocp' })
  try {
    await run(port)
  } finally {
    injection.disarm()
    await port.close()
  }
  assert.ok(allZero(port.counters), JSON.stringify(port.counters))
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

const cases: readonly ProgramCase[] = [
  {
    name: 'a check that fails for lack of memory does not turn an end into a reset',
    run: (signal) =>
      onPort(async (port) => {
        const server = createServer((socket) => socket.end('the whole of it')).listen(0, '127.0.0.1')
        await once(server, 'listening')
        const client = await port.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
        injection.armKind('send', always)
        const received = new Recorder()
        client.start(received)
        await received.untilEnd(signal)
        assert.equal(received.text(), 'the whole of it')
        injection.disarm()
        client.end()
        assert.equal(await received.untilClose(signal), undefined)
        server.close()
      }),
  },
  {
    name: 'on Windows, whose receives tell resets, a reset behind the end does not hide the end',
    run: (signal) =>
      onPort(async (port) => {
        injection.armKind('wine', always)
        const { client, server } = await pair(port)
        const received = new Recorder()
        client.pause()
        client.start(received)
        // Never read, so that the other side's close sends a reset after its end.
        client.send(text('unread'))
        await after(100)
        server.send(text('the whole of it'))
        server.end()
        await after(100)
        server.abort()
        await after(100)
        client.resume()
        await received.untilEnd(signal)
        assert.equal(received.text(), 'the whole of it')
        client.end()
        await received.untilClose(signal)
      }),
  },
  {
    name: 'accepts that the system refuses to start pause and do not spin',
    run: (signal) =>
      onPort(async (port) => {
        const { listener, next } = await accepting(port)
        const first = await Promise.all([port.connect(listener.endpoint), next()])
        injection.arm(0, 0)
        injection.armKind('accept', always)
        // Each of these uses up an accept that was posted before, and no new accept replaces it.
        const others = await Promise.all(Array.from({ length: 20 }, () => port.connect(listener.endpoint)))
        await after(1_000)
        const asked = injection.reached().accept ?? 0
        assert.ok(asked < 100, `${asked} calls of AcceptEx in a second`)
        injection.disarm()
        const late = await port.connect(listener.endpoint)
        for (let count = 0; count < 21; count++) (await next()).abort()
        for (const connection of [...first, ...others, late]) connection.abort()
        await eventually(
          signal,
          () => port.counters.connections === 0,
          () => JSON.stringify(port.counters),
        )
      }),
  },
  ...['receive', 'send'].map((kind) => ({
    name: `a ${kind} refused for lack of memory goes on when there is some again`,
    run: (signal: AbortSignal) =>
      onPort(async (port) => {
        const { client, server } = await pair(port)
        const bytes = pattern(3_000_000)
        const atServer = new Recorder({}, false)
        const atClient = new Recorder()
        injection.armKind(kind, always)
        server.start(atServer)
        client.start(atClient)
        client.send(bytes)
        client.end()
        await after(shortageMs)
        assert.deepEqual([atServer.closed, atClient.closed], [false, false])
        assert.ok((injection.reached()[kind] ?? 0) < 200, `${injection.reached()[kind]} calls`)
        injection.disarm()
        await atServer.untilEnd(signal)
        assert.equal(atServer.digest(), digestOf(bytes))
        server.end()
        assert.equal(await atClient.untilClose(signal), undefined)
      }),
  })),
  {
    name: 'a connection that waits for memory can be aborted, and its port closed',
    run: (signal) =>
      onPort(async (port) => {
        // A record is listed, then paused: each abort comes at another moment.
        for (let turns = 0; turns < 12; turns++) {
          injection.disarm()
          const { client, server } = await pair(port)
          injection.armKind('send', always)
          injection.armKind('receive', always)
          const closed = new Recorder()
          client.start(closed)
          server.start(new Recorder())
          client.send(pattern(1_000_000))
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
          client.abort()
          await closed.untilClose(signal)
        }
        await port.close()
      }),
  },
  {
    name: 'a connect refused for lack of memory rejects with OUT_OF_MEMORY',
    run: () =>
      onPort(async (port) => {
        const { listener } = await accepting(port)
        injection.armKind('connect', 1)
        const refused = await port.connect(listener.endpoint).catch((error) => error)
        assert.ok(IocpError.is(refused), String(refused))
        assert.equal(refused.code, 'OUT_OF_MEMORY')
      }),
  },
  {
    name: 'a port closes although the system refuses to cancel',
    run: () =>
      onPort(async (port) => {
        const unread = await pair(port)
        unread.client.send(pattern(8_000_000))
        injection.armKind('cancel', always)
        await port.close()
      }),
  },
  {
    name: 'a listener and a connection close although the system refuses to cancel',
    run: (signal) =>
      onPort(async (port) => {
        const { listener, client } = await pair(port)
        const closed = new Recorder()
        client.start(closed)
        client.send(pattern(8_000_000))
        injection.armKind('cancel', always)
        client.abort()
        await closed.untilClose(signal)
        await listener.close()
      }),
  },
  {
    name: 'terminate() returns although the system refuses to cancel',
    async run() {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: 'refuse to cancel' })
      await once(worker, 'message')
      await worker.terminate()
      injection.disarm()
    },
  },
  {
    name: 'below a layered provider bytes arrive, and everything closes',
    run: (signal) =>
      onPort(async (port) => {
        injection.armKind('layered provider', always)
        const { listener, client, server } = await pair(port)
        const atServer = new Recorder({ data: (chunk) => void server.send(chunk) }, false)
        const atClient = new Recorder({}, false)
        server.start(atServer)
        client.start(atClient)
        const bytes = pattern(2_000_000)
        client.send(bytes)
        await atClient.untilBytes(signal, bytes.length)
        assert.equal(atClient.digest(), digestOf(bytes))
        client.end()
        await atServer.untilEnd(signal)
        server.end()
        assert.equal(await atClient.untilClose(signal), undefined)
        await listener.close()
        const stalled = await pair(port)
        stalled.client.send(pattern(8_000_000))
        stalled.client.abort()
        stalled.server.abort()
      }),
  },
]

if (isMainThread) {
  await runCases(cases)
} else if (workerData === 'refuse to cancel') {
  await startLoad('iocp', 4)
  injection.armKind('cancel', always)
  parentPort?.postMessage('armed')
}
