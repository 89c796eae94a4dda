import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ConformanceCase } from '../conformance-case.ts'
import { rejectsWith } from '../support/errors.ts'
import { ipv6 } from '../support/ipv6.ts'
import { accepting } from '../support/pair.ts'
import { resolveTo, severalAddresses } from '../support/resolver.ts'
import { runtime } from '../support/runtime.ts'

const nobody = () => undefined
const anyPort = `tcp://${severalAddresses}:0`
/** 198.51.100.0/24 is for documentation (RFC 5737): no machine has it. */
const absent = '198.51.100.1'

const twoLoopbacks: Pick<ConformanceCase, 'cannotRun'> = {
  cannotRun({ platform }) {
    if (platform === 'darwin') return 'macOS has 127.0.0.1 alone on its loopback'
    return runtime === 'Node.js' ? undefined : `the resolver of ${runtime} cannot be replaced`
  },
}

export const nameCases: readonly ConformanceCase[] = [
  {
    name: 'listening at a name opens each of its addresses on one port, and they close together',
    ...twoLoopbacks,
    async run(context) {
      resolveTo(context, '127.0.0.1', '127.0.0.2', '127.0.0.1')
      const port = context.openPort()
      const { listener, next } = await accepting(port, {}, anyPort)
      const [first, second, ...more] = listener.endpoints
      assert.deepEqual(more, [])
      assert.ok(first?.kind === 'tcp' && second?.kind === 'tcp')
      assert.deepEqual([first.host, second.host], ['127.0.0.1', '127.0.0.2'])
      assert.equal(first.port, second.port)
      assert.deepEqual(listener.endpoint, first)
      assert.deepEqual(listener.urls, [`tcp://127.0.0.1:${first.port}`, `tcp://127.0.0.2:${first.port}`])
      assert.deepEqual(listener.skipped, [])
      assert.equal(port.counters.listeners, 2)
      for (const endpoint of listener.endpoints) {
        const [client, server] = await Promise.all([port.connect(endpoint), next()])
        assert.deepEqual(server.localEndpoint, endpoint)
        assert.equal(listener.connections, 1)
        client.start({ data() {}, end() {}, drain() {}, close() {} })
        server.abort()
        client.abort()
        while (listener.connections > 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await listener.close()
      assert.equal(port.counters.listeners, 0)
      for (const endpoint of [first, second]) await rejectsWith(port.connect(endpoint), 'CONNECTION_REFUSED')
    },
  },
  {
    name: 'connectionsMax counts the connections of all addresses of a name together',
    ...twoLoopbacks,
    async run(context) {
      resolveTo(context, '127.0.0.1', '127.0.0.2')
      const port = context.openPort()
      const { listener, next } = await accepting(port, { connectionsMax: 1 }, anyPort)
      const [first, second] = listener.endpoints
      const [client, server] = await Promise.all([port.connect(first!), next()])
      const refused = await port.connect(second!).catch(() => undefined)
      if (refused !== undefined) {
        await new Promise<void>((resolve) => {
          refused.start({ data() {}, end: () => refused.end(), drain() {}, close: () => resolve() })
        })
      }
      server.abort()
      client.abort()
    },
  },
  {
    name: 'an address of a name that the machine does not have is skipped, and a warning says so',
    ...twoLoopbacks,
    async run(context) {
      resolveTo(context, absent, '127.0.0.1')
      const warned = once(process, 'warning', { signal: context.signal })
      const listener = await context.openPort().listen(anyPort, nobody)
      assert.deepEqual(
        listener.endpoints.map((endpoint) => endpoint.kind === 'tcp' && endpoint.host),
        ['127.0.0.1'],
      )
      const [skipped, ...more] = listener.skipped
      assert.deepEqual(more, [])
      assert.deepEqual(skipped?.endpoint, { kind: 'tcp', host: absent, port: 0 })
      assert.equal(skipped?.error.code, 'ADDRESS_UNAVAILABLE')
      const [warning] = (await warned) as [NodeJS.ErrnoException]
      assert.equal(warning.code, 'FRAMEPORT_ADDRESS_SKIPPED')
      assert.ok(warning.message.includes(absent) && warning.message.includes(listener.url), warning.message)
    },
  },
  {
    name: 'listening at a name without an address of this machine fails with the error of each address',
    ...twoLoopbacks,
    async run(context) {
      resolveTo(context, absent, '198.51.100.2')
      const port = context.openPort()
      const error = await rejectsWith(port.listen(anyPort, nobody), 'ADDRESS_UNAVAILABLE')
      assert.match(
        error.message,
        /several\.test:0 failed at every address \(.*198\.51\.100\.1.*198\.51\.100\.2/,
      )
      assert.ok(error.cause instanceof AggregateError)
      assert.equal(error.cause.errors.length, 2)
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'listening at a name with one address in use fails, and the other addresses are free again',
    ...twoLoopbacks,
    async run(context) {
      const port = context.openPort()
      const taken = await port.listen('tcp://127.0.0.2:0', nobody)
      assert.ok(taken.endpoint.kind === 'tcp')
      resolveTo(context, '127.0.0.1', '127.0.0.2')
      const listening = port.listen(`tcp://${severalAddresses}:${taken.endpoint.port}`, nobody)
      const error = await rejectsWith(listening, 'ADDRESS_IN_USE')
      assert.match(error.message, /127\.0\.0\.2/)
      assert.equal(port.counters.listeners, 1)
      await rejectsWith(port.connect({ ...taken.endpoint, host: '127.0.0.1' }), 'CONNECTION_REFUSED')
    },
  },
  {
    name: 'listening at a name with an address of each family opens both',
    async cannotRun(context) {
      return (await twoLoopbacks.cannotRun?.(context)) ?? ipv6.cannotRun?.(context)
    },
    async run(context) {
      for (const pair of [
        ['::1', '127.0.0.1'],
        // One socket for both families would leave no port to the other.
        ['::', '0.0.0.0'],
      ]) {
        resolveTo(context, ...pair)
        const listener = await context.openPort().listen(anyPort, nobody)
        assert.deepEqual(
          listener.endpoints.map((endpoint) => endpoint.kind === 'tcp' && endpoint.host),
          pair,
        )
      }
    },
  },
  {
    name: 'connect tries each address of a name, until one answers',
    ...twoLoopbacks,
    async run(context) {
      const port = context.openPort()
      const { listener, next } = await accepting(port, {}, 'tcp://127.0.0.2:0')
      assert.ok(listener.endpoint.kind === 'tcp')
      resolveTo(context, '127.0.0.1', '127.0.0.2')
      const connecting = port.connect(`tcp://${severalAddresses}:${listener.endpoint.port}`)
      const [client, server] = await Promise.all([connecting, next()])
      assert.deepEqual(client.remoteEndpoint, listener.endpoint)
      client.abort()
      server.abort()
    },
  },
]
