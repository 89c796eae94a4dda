import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Connection } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { text } from '../support/bytes.ts'
import { assertCode, collectUncaught } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { accepting } from '../support/pair.ts'
import { rawClient, rawClientTurnedAway } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'

export const acceptCases: readonly ConformanceCase[] = [
  {
    name: 'accepts each connection once, with its own id and both endpoints',
    async run({ openPort, backend }) {
      const port = openPort()
      const { listener, next } = await accepting(port)
      const clients: Connection[] = []
      const servers: Connection[] = []
      for (let round = 0; round < 5; round++) {
        const [client, server] = await Promise.all([port.connect(listener.endpoint), next()])
        assert.deepEqual(client.remoteEndpoint, listener.endpoint)
        assert.deepEqual(server.localEndpoint, listener.endpoint)
        assert.deepEqual(server.remoteEndpoint, client.localEndpoint)
        assert.equal(server.backend, backend)
        clients.push(client)
        servers.push(server)
      }
      assert.equal(new Set([...clients, ...servers].map(({ id }) => id)).size, 10)
      assert.equal(listener.connections, 5)
      assert.equal(port.counters.connections, 10)
      for (const connection of [...clients, ...servers]) connection.abort()
    },
  },
  {
    name: 'delivers nothing before start, and everything after it',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port)
      const socket = await rawClient(context, listener.endpoint)
      const server = await next()
      await new Promise<void>((resolve) => socket.end('early bytes', () => resolve()))
      const received = new Recorder()
      let startReturned = false
      const order: boolean[] = []
      const sink = new Recorder({ data: () => order.push(startReturned) })
      server.start(sink)
      startReturned = true
      await sink.untilEnd(context.signal)
      assert.equal(sink.text(), 'early bytes')
      assert.ok(order.every((afterStart) => afterStart))
      assert.throws(
        () => server.start(received),
        (error) => assertCode(error, 'ALREADY_STARTED') !== undefined,
      )
      server.end()
      await sink.untilClose(context.signal)
      socket.destroy()
    },
  },
  {
    name: 'closes connections over connectionsMax, and accepts again when there is room',
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port, { connectionsMax: 1 })
      const first = await rawClient(context, listener.endpoint)
      const server = await next()
      await rawClientTurnedAway(context, listener.endpoint)
      await eventually(
        context.signal,
        () => listener.connections === 1,
        () => `${listener.connections} = 1`,
      )
      server.abort()
      first.resume()
      await eventually(
        context.signal,
        () => listener.connections === 0,
        () => `${listener.connections} = 0`,
      )
      await rawClient(context, listener.endpoint)
      const third = await next()
      third.abort()
    },
  },
  {
    name: 'an onConnection that throws closes only that connection',
    async run(context) {
      const uncaught = collectUncaught(context.cleanUp)
      const port = context.openPort()
      const thrown = new Error('from onConnection')
      const served: Connection[] = []
      let calls = 0
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        calls++
        if (calls === 1) throw thrown
        served.push(connection)
      })
      await rawClientTurnedAway(context, listener.endpoint)
      assert.deepEqual(uncaught, [thrown])
      await rawClient(context, listener.endpoint)
      await eventually(
        context.signal,
        () => served.length === 1,
        () => 'a second connection',
      )
      served[0]?.abort()
    },
  },
  {
    name: 'survives peers that reset before they are accepted or started',
    async run(context) {
      const port = context.openPort()
      const accepted: Connection[] = []
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => accepted.push(connection))
      for (let round = 0; round < 20; round++) {
        const socket = await rawClient(context, listener.endpoint)
        socket.resetAndDestroy()
      }
      const last = await rawClient(context, listener.endpoint)
      last.write('alive')
      // Which of them were reset is known by receiving; the last one delivers.
      const alive = () => accepted.find(({ remoteEndpoint }) => portOf(remoteEndpoint) === last.localPort)
      await eventually(
        context.signal,
        () => alive() !== undefined,
        () => `${accepted.length} accepted`,
      )
      for (const connection of accepted) {
        const received = new Recorder()
        connection.start(received)
        if (connection !== alive()) {
          assertCode(await received.untilClose(context.signal), 'CONNECTION_RESET')
        } else {
          await received.untilBytes(context.signal, text('alive').length)
          connection.abort()
        }
      }
    },
  },
  {
    name: 'clients that reset early, again and again, do not silence a listener',
    async run(context) {
      const port = context.openPort()
      const faults: Error[] = []
      const options = { onAcceptError: (error: Error) => void faults.push(error) }
      const accept = (connection: Connection) =>
        connection.start({
          data: (chunk) => void connection.send(chunk),
          end: () => connection.end(),
          drain() {},
          close() {},
        })
      const listener = await port.listen('tcp://127.0.0.1:0', accept, options)
      const answer = async () => {
        const started = performance.now()
        const client = await port.connect(listener.endpoint)
        const echo = new Recorder()
        client.start(echo)
        client.send(text('good'))
        await echo.untilBytes(context.signal, 4)
        client.abort()
        return performance.now() - started
      }
      const calm = Math.max(await answer(), await answer())
      const storm = resetAgainAndAgain(listener.endpoint, 20)
      context.cleanUp(() => storm.stop())
      const waits: number[] = []
      for (let round = 0; round < 5; round++) waits.push(await answer())
      storm.stop()
      // A listener that pauses for clients that reset takes seconds; so does a machine on which others work.
      const limit = Math.max(1_000, calm * 50)
      assert.ok(Math.min(...waits) < limit, `answered after ${waits.map(Math.round).join(', ')} ms`)
      for (const fault of faults) assertCode(fault, 'CONNECTION_ABORTED')
    },
  },
  {
    name: '500 connections at once, each with its own echo',
    timeoutMs: 60_000,
    async run({ openPort, signal }) {
      const port = openPort()
      const count = 500
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        connection.start({
          data: (chunk) => void connection.send(chunk),
          end: () => connection.end(),
          drain() {},
          close() {},
        })
      })
      const echoes = Array.from({ length: count }, async (_, index) => {
        const client = await port.connect(listener.endpoint)
        const received = new Recorder()
        client.start(received)
        const line = `connection ${index}`
        client.send(text(line))
        await received.untilBytes(signal, line.length)
        return { client, received, line }
      })
      const done = await Promise.all(echoes)
      assert.equal(listener.connections, count)
      assert.equal(port.counters.connections, 2 * count)
      for (const { client } of done) client.end()
      for (const { received, line } of done) {
        assert.equal(await received.untilClose(signal), undefined)
        assert.equal(received.text(), line)
      }
    },
  },
]

function portOf(endpoint: Connection['remoteEndpoint']): number | undefined {
  return endpoint.kind === 'tcp' ? endpoint.port : undefined
}

/** Clients that each connect, reset at once and come back, until they are stopped. */
function resetAgainAndAgain(endpoint: Connection['remoteEndpoint'], clients: number): { stop(): void } {
  assert.ok(endpoint.kind === 'tcp')
  const { host, port } = endpoint
  let stopped = false
  const come = () => {
    if (stopped) return
    const socket = connect({ host, port }, () => socket.resetAndDestroy())
    socket.on('error', () => undefined)
    socket.on('close', come)
  }
  for (let client = 0; client < clients; client++) come()
  return {
    stop() {
      stopped = true
    },
  }
}
