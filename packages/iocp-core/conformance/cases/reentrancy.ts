import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { CompletionPort, Connection } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode, collectUncaught } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { pair } from '../support/pair.ts'
import { rawClientTurnedAway } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

/** More than the buffers of two sockets take: the verdict is `full`, and `drain` follows when the peer reads. */
const big = pattern(8 * 1024 * 1024)

/** Has the callback of this name called at the server of a pair, whose sides are not started. */
function provoke(where: 'data' | 'end' | 'drain' | 'close', client: Connection, server: Connection): void {
  if (where === 'data') client.send(text('bytes'))
  if (where === 'end') client.end()
  if (where === 'drain') server.send(big)
  if (where === 'close') client.abort()
}

/** Two pairs of a port; whichever server is told of bytes first does something to the other. */
async function firstOfTwo(port: CompletionPort, act: (other: Connection) => void) {
  const pairs = [await pair(port), await pair(port)] as const
  let acted = false
  const recorders = pairs.map(
    (_, index) =>
      new Recorder({
        data() {
          if (!acted) act(pairs[1 - index]!.server)
          acted = true
        },
      }),
  )
  return { pairs, recorders }
}

export const reentrancyCases: readonly ConformanceCase[] = [
  {
    name: 'a port closed inside onConnection, data, end, drain or close ends everything with PORT_CLOSED',
    leavesOpen: true,
    async run({ openPort, signal }) {
      for (const where of ['data', 'end', 'drain', 'close'] as const) {
        const port = openPort()
        const bystander = await pair(port)
        const atBystander = new Recorder()
        bystander.client.start(atBystander)
        const { client, server } = await pair(port)
        let closing: Promise<void> | undefined
        server.start(
          new Recorder({
            [where]() {
              closing ??= port.close()
            },
          }),
        )
        client.start(new Recorder({}, false))
        provoke(where, client, server)
        assertCode(await atBystander.untilClose(signal), 'PORT_CLOSED')
        await closing
        assert.ok(
          Object.values(port.counters).every((count) => count === 0),
          JSON.stringify(port.counters),
        )
      }
      const port = openPort()
      let closing: Promise<void> | undefined
      const told = new Recorder()
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        closing = port.close()
        connection.start(told)
      })
      await port.connect(listener.endpoint).catch((error) => assertCode(error, 'PORT_CLOSED'))
      assertCode(await told.untilClose(signal), 'PORT_CLOSED')
      await closing
    },
  },
  {
    name: 'a listener closed inside its own onConnection accepts no more connections, and keeps those it has accepted',
    async run(context) {
      const { openPort, signal } = context
      const port = openPort()
      const served: Connection[] = []
      let closing: Promise<void> | undefined
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        served.push(connection)
        closing ??= listener.close()
      })
      // All of them in the kernel's queue before the first is handed out.
      const clients = await Promise.allSettled(
        Array.from({ length: 8 }, () => port.connect(listener.endpoint)),
      )
      await eventually(
        signal,
        () => closing !== undefined,
        () => 'one accepted',
      )
      await closing
      assert.equal(served.length, 1)
      const echo = new Recorder()
      served[0]?.start(new Recorder({ data: (chunk) => void served[0]?.send(chunk) }))
      for (const client of clients) {
        if (client.status === 'rejected') continue
        // The others were reset, or never accepted; a send to them is lost.
        client.value.start({
          data: (chunk) => echo.data(chunk),
          end: () => client.value.end(),
          drain() {},
          close() {},
        })
        client.value.send(text('still served'))
      }
      await echo.untilBytes(signal, 'still served'.length)
      for (const client of clients) if (client.status === 'fulfilled') client.value.abort()
      served[0]?.abort()
    },
  },
  {
    name: 'aborting another connection inside data prevents its callbacks, even if its bytes have already arrived',
    async run({ openPort, signal }) {
      const port = openPort()
      const reason = new Error('not wanted')
      const { pairs, recorders } = await firstOfTwo(port, (other) => other.abort(reason))
      for (const [index, { server }] of pairs.entries()) server.start(recorders[index]!)
      for (const { client } of pairs) client.send(text('bytes'))
      await eventually(
        signal,
        () => recorders.some(({ closed }) => closed),
        () => 'one closed',
      )
      const silenced = recorders.find(({ closed }) => closed)
      assert.equal(silenced?.closeError, reason)
      assert.equal(silenced?.bytes, 0)
      const heard = recorders.find(({ closed }) => !closed)
      await heard?.untilBytes(signal, 5)
      for (const { client, server } of pairs) {
        client.abort()
        server.abort()
      }
    },
  },
  {
    name: 'pausing another connection inside data holds back its bytes, and its end, until it is resumed',
    async run({ openPort, signal }) {
      const port = openPort()
      let paused: Connection | undefined
      const { pairs, recorders } = await firstOfTwo(port, (other) => {
        paused = other
        other.pause()
      })
      for (const [index, { server }] of pairs.entries()) server.start(recorders[index]!)
      for (const { client } of pairs) {
        client.send(text('bytes'))
        client.end()
      }
      await eventually(
        signal,
        () => recorders.some(({ ended }) => ended),
        () => 'one ended',
      )
      for (let round = 0; round < 20; round++) await turn()
      const held = recorders.find(({ ended }) => !ended)
      assert.equal(held?.bytes, 0)
      paused?.resume()
      await held?.untilEnd(signal)
      for (const recorder of recorders) assert.equal(recorder.text(), 'bytes')
      for (const { client, server } of pairs) {
        server.end()
        client.abort()
      }
    },
  },
  {
    name: 'inside close, the connection accepts nothing, and a new one can be opened',
    async run({ openPort, signal, cleanUp }) {
      const uncaught = collectUncaught(cleanUp)
      const port = openPort()
      const { listener, client, server } = await pair(port)
      let again: Promise<Connection> | undefined
      const first = new Recorder({
        close() {
          assert.equal(client.send(text('x')), 'closed')
          client.end()
          client.abort(new Error('late'))
          again = port.connect(listener.endpoint)
          client.start(new Recorder())
        },
      })
      client.start(first)
      server.abort()
      assertCode(await first.untilClose(signal), 'CONNECTION_RESET')
      await eventually(
        signal,
        () => uncaught.length === 1,
        () => 'the second start reaches uncaughtException',
      )
      assertCode(uncaught[0], 'ALREADY_STARTED')
      assert.ok(again !== undefined)
      const second = await again
      second.abort()
      // The server's side of it was accepted and is nobody's: a listener that is gone takes it along.
      await port.close()
    },
  },
  {
    name: 'a callback that throws after it has aborted, or closed the port, changes nothing about the close',
    leavesOpen: true,
    async run({ openPort, signal, cleanUp }) {
      const uncaught = collectUncaught(cleanUp)
      const reason = new Error('the first reason')
      const thrown = new Error('thrown afterwards')
      const port = openPort()
      const aborting = await pair(port)
      const atAborting = new Recorder({
        data() {
          aborting.server.abort(reason)
          throw thrown
        },
      })
      aborting.server.start(atAborting)
      aborting.client.send(text('bytes'))
      assert.equal(await atAborting.untilClose(signal), reason)
      const closing = await pair(port)
      const atClosing = new Recorder({
        data() {
          port.close().catch(() => undefined)
          throw thrown
        },
      })
      closing.server.start(atClosing)
      closing.client.send(text('bytes'))
      assertCode(await atClosing.untilClose(signal), 'PORT_CLOSED')
      await eventually(
        signal,
        () => uncaught.length === 2,
        () => 'both reach uncaughtException',
      )
      assert.deepEqual(uncaught, [thrown, thrown])
    },
  },
  {
    name: 'an onConnection that throws after start closes its connection with CALLBACK_THREW, once',
    async run(context) {
      const { openPort, signal, cleanUp } = context
      const uncaught = collectUncaught(cleanUp)
      const port = openPort()
      const thrown = new Error('from onConnection')
      const told = new Recorder()
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        connection.start(told)
        connection.send(text('never seen whole'))
        throw thrown
      })
      await rawClientTurnedAway(context, listener.endpoint)
      assert.equal(assertCode(await told.untilClose(signal), 'CALLBACK_THREW').cause, thrown)
      await eventually(
        signal,
        () => uncaught.length === 1,
        () => 'uncaughtException',
      )
      assert.deepEqual(uncaught, [thrown])
    },
  },
  {
    name: 'a loop that throws keeps its own error and aborts only its connection',
    async run({ openPort, signal }) {
      const port = openPort()
      const [looping, bystander] = [await pair(port), await pair(port)]
      const atClient = new Recorder()
      looping.client.start(atClient)
      looping.client.send(text('bytes'))
      const thrown = new Error('from the loop')
      const loop = async () => {
        for await (const chunk of looping.server) throw Object.assign(thrown, { length: chunk.length })
      }
      await assert.rejects(loop(), thrown)
      assertCode(await atClient.untilClose(signal), 'CONNECTION_RESET')
      const echo = new Recorder()
      bystander.server.start(new Recorder({ data: (chunk) => void bystander.server.send(chunk) }))
      bystander.client.start(echo)
      bystander.client.send(text('fine'))
      await echo.untilBytes(signal, 4)
      bystander.client.abort()
      bystander.server.abort()
    },
  },
]
