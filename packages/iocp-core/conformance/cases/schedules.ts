import assert from 'node:assert/strict'
import type { CompletionPort } from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { text } from '../support/bytes.ts'
import { accepting, pair } from '../support/pair.ts'
import { seededRandom } from '../support/random.ts'
import { closeOf, rawClient, rawServer } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'
import { runSchedule } from '../support/schedule.ts'
import { unixPath } from '../support/unix-path.ts'

const streamsPerSeed = 48
const seeds = [1, 2, 3, 4, 5, 6] as const

export const scheduleCases: readonly ConformanceCase[] = [
  {
    name: 'an end that arrives after our own while an accepted connection is paused is reported before the close',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      const received = new Recorder()
      server.start(received)
      socket.write('last words')
      await received.untilBytes(context.signal, 10)
      server.end()
      server.pause()
      socket.end()
      // The peer has both ends, and ours has acknowledged its own: the kernel has nothing more to bring.
      await closeOf(socket.resume())
      await anEcho(context, port)
      assert.equal(received.ended, false)
      assert.equal(received.closed, false)
      server.resume()
      await received.untilEnd(context.signal)
      assert.equal(await received.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'an end that arrives after our own while a connecting side is paused is reported before the close',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const received = new Recorder()
      client.start(received)
      socket.write('last words')
      await received.untilBytes(context.signal, 10)
      client.end()
      client.pause()
      socket.end()
      await closeOf(socket.resume())
      await anEcho(context, port)
      assert.equal(received.ended, false)
      assert.equal(received.closed, false)
      client.resume()
      await received.untilEnd(context.signal)
      assert.equal(await received.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'after pauses, resumes, sends and ends in any order, the bytes come first, then the end, then the close',
    timeoutMs: 60_000,
    run: (context) => runSchedules(context, false),
  },
  {
    name: 'aborts in the middle of random schedules close both sides once and break no rule of sinks',
    timeoutMs: 60_000,
    run: (context) => runSchedules(context, true),
  },
]

async function runSchedules(context: ConformanceContext, mayAbort: boolean): Promise<void> {
  const port = context.openPort()
  for (const seed of seeds) {
    const pairs = await Promise.all(
      Array.from({ length: streamsPerSeed }, (_, stream) => pair(port, {}, endpointOf(context, stream))),
    )
    const results = await Promise.allSettled(
      pairs.map((ends, stream) => runSchedule(ends, seededRandom(seed * 1_000 + stream), mayAbort)),
    )
    const failures = results.flatMap((result, stream) =>
      result.status === 'rejected' ? [`stream ${stream}: ${String(result.reason.message)}`] : [],
    )
    assert.deepEqual(failures, [], `seed ${seed}`)
    await Promise.all(pairs.map(({ listener }) => listener.close()))
  }
}

/** Every fourth stream runs over a unix socket, where the back end has those. */
function endpointOf(context: ConformanceContext, stream: number): string | undefined {
  return context.platform !== 'win32' && stream % 4 === 3 ? `unix:${unixPath(context)}` : undefined
}

/** There and back on another connection: the loop has been round with whatever the kernel had before. */
async function anEcho({ signal }: ConformanceContext, port: CompletionPort): Promise<void> {
  const { client, server } = await pair(port)
  const echo = new Recorder()
  server.start(new Recorder({ data: (chunk) => void server.send(chunk) }))
  client.start(echo)
  client.send(text('round'))
  await echo.untilBytes(signal, 5)
  client.abort()
  server.abort()
}
