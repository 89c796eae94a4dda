import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { IocpError } from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { rejectsWith } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { isWine } from '../support/is-wine.ts'
import { accepting, pair } from '../support/pair.ts'
import { rawServer, readToEnd } from '../support/raw-peer.ts'
import { Recorder } from '../support/recorder.ts'
import { silentEndpoint } from '../support/silent-endpoint.ts'

const dropsSyns: Pick<ConformanceCase, 'cannotRun'> = {
  cannotRun: ({ platform }) =>
    platform === 'linux' || isWine
      ? undefined
      : 'only Linux leaves a connect unanswered when a queue is full',
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
}

export const connectCases: readonly ConformanceCase[] = [
  {
    name: 'a refused connection rejects with CONNECTION_REFUSED and keeps nothing',
    async run({ openPort }) {
      const port = openPort()
      const { listener } = await accepting(port)
      await listener.close()
      const error = await rejectsWith(port.connect(listener.endpoint), 'CONNECTION_REFUSED')
      assert.equal(error.systemCode, 'ECONNREFUSED')
      assert.match(error.message, /127\.0\.0\.1/)
      assert.equal(port.counters.handles, 0)
      assert.equal(port.counters.operationsInFlight, 0)
    },
  },
  {
    name: 'a name is tried at each of its addresses',
    async run(context) {
      const port = context.openPort()
      // Only IPv4 listens: where the resolver gives ::1 first, that attempt fails and the next one counts.
      const { listener, next } = await accepting(port)
      assert.ok(listener.endpoint.kind === 'tcp')
      const [client, server] = await Promise.all([
        port.connect(`tcp://localhost:${listener.endpoint.port}`),
        next(),
      ])
      client.abort()
      server.abort()
      await listener.close()
      const failed = port.connect(`tcp://localhost:${listener.endpoint.port}`)
      const error = await rejectsWith(failed, 'CONNECTION_REFUSED')
      assert.match(error.message, /localhost|127\.0\.0\.1/)
    },
  },
  {
    name: 'a name without an address rejects with HOST_NOT_FOUND',
    async run({ openPort }) {
      const port = openPort()
      // .invalid never exists (RFC 6761).
      const error = await rejectsWith(port.connect('tcp://nobody.invalid:1'), 'HOST_NOT_FOUND')
      assert.match(error.message, /nobody\.invalid/)
    },
  },
  {
    name: 'a connect without an answer ends by its timeout',
    ...dropsSyns,
    async run(context) {
      const port = context.openPort()
      const silent = await silentEndpoint(context)
      const connecting = port.connect(silent, { timeoutMs: 50 })
      assert.equal(port.counters.timers, 1)
      await rejectsWith(connecting, 'CONNECT_TIMEOUT')
      assert.equal(port.counters.timers, 0)
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'a connect without an answer ends by its signal',
    ...dropsSyns,
    async run(context) {
      const port = context.openPort()
      const silent = await silentEndpoint(context)
      const controller = new AbortController()
      const connecting = rejectsWith(port.connect(silent, { signal: controller.signal }), 'ABORTED')
      await eventually(
        context.signal,
        () => port.counters.operationsInFlight === 1,
        () => 'a connect in flight',
      )
      const reason = new Error('changed my mind')
      controller.abort(reason)
      assert.equal((await connecting).cause, reason)
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'a connect without an answer ends by closing the port',
    ...dropsSyns,
    async run(context) {
      const port = context.openPort()
      const connecting = rejectsWith(port.connect(await silentEndpoint(context)), 'PORT_CLOSED')
      await eventually(
        context.signal,
        () => port.counters.operationsInFlight === 1,
        () => 'a connect in flight',
      )
      await port.close()
      await connecting
    },
  },
  {
    name: 'a signal that is already aborted starts nothing',
    async run({ openPort }) {
      const port = openPort()
      const { listener } = await accepting(port)
      await rejectsWith(port.connect(listener.endpoint, { signal: AbortSignal.abort() }), 'ABORTED')
      assert.equal(port.counters.connections, 0)
    },
  },
  {
    name: 'a signal aborted after the connect changes nothing',
    async run({ openPort, signal }) {
      const port = openPort()
      const controller = new AbortController()
      const { client, server } = await pair(port, { signal: controller.signal })
      controller.abort()
      const atClient = new Recorder()
      client.start(atClient)
      for await (const chunk of echoOnce(client, server, signal)) assert.equal(chunk, 'ping')
      assert.equal(atClient.closed, false)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'connects to a peer of another implementation, which receives what is sent',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      client.start({ data() {}, end() {}, drain() {}, close() {} })
      client.send(new TextEncoder().encode('hello'))
      client.end()
      assert.equal((await readToEnd(socket)).toString(), 'hello')
      socket.end()
    },
  },
  {
    name: 'bytes that arrive at the connecting side before start are delivered after it',
    async run(context) {
      const port = context.openPort()
      const peer = await rawServer(context)
      const [client, socket] = await Promise.all([port.connect(peer.url), peer.next()])
      const written = new Promise<void>((resolve) => socket.end('early bytes', () => resolve()))
      await written
      // A whole exchange on another connection: whatever was to be read too early has been by now.
      const [other, otherSocket] = await Promise.all([port.connect(peer.url), peer.next()])
      const atOther = new Recorder()
      other.start(atOther)
      otherSocket.end('over')
      await atOther.untilEnd(context.signal)
      const received = new Recorder()
      client.start(received)
      await received.untilEnd(context.signal)
      assert.equal(received.text(), 'early bytes')
      client.end()
      other.end()
      assert.equal(await received.untilClose(context.signal), undefined)
    },
  },
  {
    name: 'reaches an IPv4 listener by its address written as an IPv6 one (RFC 4291, 2.5.5.2)',
    async run({ openPort }) {
      const port = openPort()
      const { listener, next } = await accepting(port)
      assert.ok(listener.endpoint.kind === 'tcp')
      const [client, server] = await Promise.all([
        port.connect(`tcp://[::ffff:127.0.0.1]:${listener.endpoint.port}`),
        next(),
      ])
      client.abort()
      server.abort()
    },
  },
  {
    name: 'a listener at an IPv4-mapped IPv6 address reports the IPv4 address',
    cannotRun: () => (hasIpv6() ? undefined : 'this machine has no IPv6'),
    async run({ openPort }) {
      const listener = await openPort().listen('tcp://[::ffff:127.0.0.1]:0', () => undefined)
      assert.match(listener.url, /^tcp:\/\/127\.0\.0\.1:\d+$/)
      await listener.close()
    },
  },
  ...['tcp://0.0.0.0:0', 'tcp://[::]:0'].map((wildcard) => ({
    name: `connects to the URL of a listener on every address, ${wildcard}`,
    cannotRun: () => (wildcard.includes('[') && !hasIpv6() ? 'this machine has no IPv6' : undefined),
    async run({ openPort }: ConformanceContext) {
      const port = openPort()
      const { listener, next } = await accepting(port, {}, wildcard)
      const [client, server] = await Promise.all([port.connect(listener.url), next()])
      assert.ok(client.remoteEndpoint.kind === 'tcp')
      assert.ok(['127.0.0.1', '::1'].includes(client.remoteEndpoint.host), client.remoteEndpoint.host)
      client.abort()
      server.abort()
    },
  })),
  {
    name: 'errors carry the brand that other copies of the package know',
    async run({ openPort }) {
      const port = openPort()
      const error = await rejectsWith(port.connect('nonsense'), 'INVALID_ENDPOINT')
      assert.ok(Symbol.for('frameport.IocpError') in error)
      assert.ok(!IocpError.is(new Error('other')))
      assert.equal(error.name, 'IocpError')
    },
  },
]

async function* echoOnce(
  from: { send(bytes: Uint8Array): unknown },
  to: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  from.send(new TextEncoder().encode('ping'))
  for await (const chunk of to) {
    signal.throwIfAborted()
    yield new TextDecoder().decode(chunk)
    return
  }
}
