import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Connection } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode } from '../support/errors.ts'
import { allZero, eventually } from '../support/eventually.ts'
import { accepting, pair } from '../support/pair.ts'
import { rawClient, rawClientTurnedAway } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

/** One case for each fault of the legacy server, in the order of ADR 0003. */
export const legacyServerFaultCases: readonly ConformanceCase[] = [
  {
    name: 'fault 1: sent bytes stay intact until their completion, whatever happens to the caller’s memory',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      client.start(new Recorder())
      const sent = createHash('sha256')
      const sendFromShortLived = (seed: number) => {
        const own = pattern(50_000, seed)
        sent.update(own)
        client.send(own)
        own.fill(0xee)
      }
      for (let seed = 1; seed <= 120; seed++) sendFromShortLived(seed)
      // Nobody has read yet: most of it is still queued while its first owners are gone.
      for (let garbage = 0; garbage < 50; garbage++) new Uint8Array(200_000).fill(garbage)
      const atServer = new Recorder({}, false)
      server.start(atServer)
      await atServer.untilBytes(signal, 120 * 50_000)
      assert.equal(atServer.digest(), sent.digest('hex'))
      client.abort()
      server.abort()
    },
  },
  {
    name: 'fault 2: a first receive that fails frees all that the connection took',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      for (let round = 0; round < 50; round++) {
        const socket = await rawClient(context, listener.endpoint)
        const server = await next()
        socket.resetAndDestroy()
        const received = new Recorder()
        server.start(received)
        assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
      }
      await eventually(
        context.signal,
        () => port.counters.handles === 1,
        () => JSON.stringify(port.counters),
      )
      assert.equal(port.counters.connections, 0)
      assert.equal(port.counters.buffersInUse, 0)
    },
  },
  {
    name: 'fault 3: whatever goes wrong with one accepted connection, the listener goes on',
    async run(context) {
      const port = context.openPort()
      const served: Connection[] = []
      let refusing = false
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        served.push(connection)
        if (refusing) connection.abort(new Error('refused by the application'))
      })
      for (let round = 0; round < 10; round++) {
        refusing = true
        await rawClientTurnedAway(context, listener.endpoint)
        refusing = false
        const resets = await rawClient(context, listener.endpoint)
        resets.resetAndDestroy()
        const ends = await rawClient(context, listener.endpoint)
        ends.destroy()
      }
      const last = await rawClient(context, listener.endpoint)
      await eventually(
        context.signal,
        () => served.some(({ remoteEndpoint: peer }) => peer.kind === 'tcp' && peer.port === last.localPort),
        () => `the last of ${served.length}`,
      )
      for (const connection of served) connection.abort()
    },
  },
  {
    name: 'fault 4: with a receive and a send in flight a connection is freed once, after both',
    async run({ openPort, signal }) {
      const port = openPort()
      const { listener, next } = await accepting(port)
      const bytes = pattern(3 * 1024 * 1024)
      for (let round = 0; round < 40; round++) {
        const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
        const atClient = new Recorder()
        client.start(atClient)
        client.send(bytes)
        const broken = round % 2 === 0
        if (broken) server.abort()
        else client.abort()
        await atClient.untilClose(signal)
        server.abort()
      }
      await listener.close()
      await eventually(
        signal,
        () => allZero(port.counters),
        () => JSON.stringify(port.counters),
      )
    },
  },
  {
    name: 'fault 5: a port with nothing to do takes no processor time',
    async run({ openPort }) {
      const port = openPort()
      const { client, server } = await pair(port)
      client.start(new Recorder())
      server.start(new Recorder())
      const idleMs = 400
      const before = process.cpuUsage()
      // The one wait by time here: what is measured is the time.
      await new Promise((resolve) => setTimeout(resolve, idleMs))
      const { user, system } = process.cpuUsage(before)
      const usedMs = (user + system) / 1000
      assert.ok(usedMs < idleMs / 2, `${usedMs} ms of processor time in ${idleMs} idle ms`)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'fault 6: only the peer’s end is an end, never a send or a receive of no bytes',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const atServer = new Recorder({ data: (chunk) => void server.send([chunk, new Uint8Array(0)]) })
      const atClient = new Recorder()
      server.start(atServer)
      client.start(atClient)
      for (let round = 1; round <= 20; round++) {
        client.send(new Uint8Array(0))
        client.send(text('!'))
        await atClient.untilBytes(signal, round)
        assert.equal(atServer.ended || atClient.ended, false)
      }
      client.end()
      await atServer.untilEnd(signal)
      server.end()
      assert.equal(await atClient.untilClose(signal), undefined)
    },
  },
  {
    name: 'fault 7: sends and receives that complete in any order are never taken for each other',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      const sizes = Array.from({ length: 200 }, (_, index) => ((index * 7_919) % 30_000) + 1)
      const total = sizes.reduce((sum, size) => sum + size, 0)
      const digests = [createHash('sha256'), createHash('sha256')] as const
      const recorders = [new Recorder({}, false), new Recorder({}, false)] as const
      client.start(recorders[0])
      server.start(recorders[1])
      for (const [index, size] of sizes.entries()) {
        const fromClient = pattern(size, index + 1)
        const fromServer = pattern(size, index + 1_000)
        digests[1].update(fromClient)
        digests[0].update(fromServer)
        client.send(fromClient)
        server.send(fromServer)
        if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      for (const side of [0, 1] as const) {
        await recorders[side].untilBytes(signal, total)
        assert.equal(recorders[side].digest(), digests[side].digest('hex'))
      }
      client.end()
      server.end()
      for (const recorder of recorders) assert.equal(await recorder.untilClose(signal), undefined)
    },
  },
  {
    name: 'fault 8: no size is special, and a verdict says what became of the bytes',
    async run({ openPort, signal }) {
      const port = openPort()
      const { client, server } = await pair(port)
      client.start(new Recorder())
      const verdicts = [1_023, 1_024, 1_025, 9_999, 10_000].map((size) => client.send(pattern(size)))
      assert.ok(
        verdicts.every((verdict) => verdict === 'sent' || verdict === 'queued'),
        verdicts.join(' '),
      )
      assert.equal(client.send(pattern(16 * 1024 * 1024)), 'full')
      assert.ok(client.queuedBytes > 0)
      const atServer = new Recorder({}, false)
      server.start(atServer)
      await atServer.untilBytes(signal, 1_023 + 1_024 + 1_025 + 9_999 + 10_000 + 16 * 1024 * 1024)
      await eventually(
        signal,
        () => client.queuedBytes === 0,
        () => `${client.queuedBytes} queued`,
      )
      client.end()
      assert.equal(client.send(text('x')), 'closed')
      server.end()
      await atServer.untilClose(signal)
    },
  },
]
