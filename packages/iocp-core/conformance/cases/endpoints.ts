import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ConformanceCase } from '../conformance-case.ts'
import { digestOf, pattern, text } from '../support/bytes.ts'
import { assertCode, rejectsWith } from '../support/errors.ts'
import { ipv6 } from '../support/ipv6.ts'
import { accepting, pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'
import { unixPath } from '../support/unix-path.ts'

export const endpointCases: readonly ConformanceCase[] = [
  {
    name: 'IPv6 loopback works and shows its address in brackets',
    ...ipv6,
    async run({ openPort, signal }) {
      const port = openPort()
      const { listener, client, server } = await pair(port, {}, 'tcp://[::1]:0')
      assert.match(listener.url, /^tcp:\/\/\[::1\]:\d+$/)
      assert.deepEqual(server.remoteEndpoint, client.localEndpoint)
      const received = new Recorder()
      server.start(received)
      client.send(text('six'))
      await received.untilBytes(signal, 3)
      client.abort()
      server.abort()
    },
  },
  {
    name: 'a listener on :: also accepts IPv4, and shows the IPv4 address of the peer',
    ...ipv6,
    async run({ openPort }) {
      const port = openPort()
      const { listener, next } = await accepting(port, {}, 'tcp://[::]:0')
      assert.ok(listener.endpoint.kind === 'tcp')
      const [client, server] = await Promise.all([
        port.connect({ kind: 'tcp', host: '127.0.0.1', port: listener.endpoint.port }),
        next(),
      ])
      assert.ok(server.remoteEndpoint.kind === 'tcp')
      assert.equal(server.remoteEndpoint.host, '127.0.0.1')
      client.abort()
      server.abort()
    },
  },
  {
    name: 'ipv6Only keeps IPv4 out',
    ...ipv6,
    async run({ openPort }) {
      const port = openPort()
      const { listener, next } = await accepting(port, { ipv6Only: true }, 'tcp://[::]:0')
      assert.ok(listener.endpoint.kind === 'tcp')
      const { port: tcpPort } = listener.endpoint
      // Refused, unless somebody else on this machine listens at the same number over IPv4.
      const refused = (error: unknown) => void assertCode(error, 'CONNECTION_REFUSED')
      const stranger = await port.connect({ kind: 'tcp', host: '127.0.0.1', port: tcpPort }).catch(refused)
      const [client, server] = await Promise.all([port.connect(`tcp://[::1]:${tcpPort}`), next()])
      assert.deepEqual(server.remoteEndpoint, client.localEndpoint)
      for (const connection of [stranger, client, server]) connection?.abort()
    },
  },
  {
    name: 'the zone of an address is a whole number or the name of an interface, and nothing else',
    ...ipv6,
    async run({ openPort, platform }) {
      const port = openPort()
      const atZone = (zone: string, tcpPort = 0) => `tcp://[::1%${zone}]:${tcpPort}`
      for (const zone of ['1abc', '0x1', '-1', '0', '4294967296', '99999999999999999999', 'absent0']) {
        const listening = port.listen(atZone(zone), () => undefined)
        assert.equal((await rejectsWith(listening, 'SYSTEM_ERROR')).systemCode, 'EINVAL', zone)
        const connecting = port.connect(atZone(zone, 9))
        assert.equal((await rejectsWith(connecting, 'SYSTEM_ERROR')).systemCode, 'EINVAL', zone)
      }
      // The loopback interface of Linux has this name and this number.
      for (const zone of platform === 'linux' ? ['lo', '1', '01'] : []) {
        const { listener, next } = await accepting(port, {}, atZone(zone))
        assert.ok(listener.endpoint.kind === 'tcp')
        const [client, server] = await Promise.all([
          port.connect(atZone(zone, listener.endpoint.port)),
          next(),
        ])
        client.abort()
        server.abort()
      }
    },
  },
  {
    name: 'unix sockets carry both directions and half-close',
    async run(context) {
      const { openPort, signal } = context
      const port = openPort()
      const path = unixPath(context)
      const { listener, client, server } = await pair(port, {}, `unix:${path}`)
      assert.deepEqual(listener.endpoint, { kind: 'unix', path })
      assert.equal(listener.url, `unix:${path}`)
      const atClient = new Recorder({}, false)
      const atServer = new Recorder({}, false)
      client.start(atClient)
      server.start(atServer)
      const bytes = pattern(2 * 1024 * 1024)
      client.send(bytes)
      client.end()
      server.send(bytes.subarray(7))
      server.end()
      assert.equal(await atClient.untilClose(signal), undefined)
      assert.equal(await atServer.untilClose(signal), undefined)
      assert.equal(atServer.digest(), digestOf(bytes))
      assert.equal(atClient.digest(), digestOf(bytes.subarray(7)))
    },
  },
  {
    name: 'a unix path in use is refused, and the path is gone after the close',
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      // Whoever wants to listen there asks by a connection whether somebody does.
      const listener = await port.listen(`unix:${path}`, (connection) => connection.abort())
      await rejectsWith(
        port.listen(`unix:${path}`, () => undefined),
        'ADDRESS_IN_USE',
      )
      await listener.close()
      assert.equal(existsSync(path), false)
      await rejectsWith(port.connect(`unix:${path}`), 'CONNECTION_REFUSED')
    },
  },
  {
    name: 'closing a unix listener does not remove a path that another listener has bound since',
    cannotRun: ({ platform }) => (platform === 'win32' ? 'the name of a pipe is no file' : undefined),
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      const { listener: old } = await accepting(port, {}, `unix:${path}`)
      // What a deployment does: the successor takes the name, then the old listener is closed.
      unlinkSync(path)
      const successor = await accepting(port, {}, `unix:${path}`)
      const { ino } = statSync(path)
      await old.close()
      assert.equal(statSync(path).ino, ino)
      const [client, server] = await Promise.all([port.connect(`unix:${path}`), successor.next()])
      client.abort()
      server.abort()
      await successor.listener.close()
      assert.equal(existsSync(path), false)
      assert.deepEqual(readdirSync(dirname(path)), [])
    },
  },
  {
    name: 'closing a unix listener whose file was removed, or replaced by another kind of file, is not an error',
    cannotRun: ({ platform }) => (platform === 'win32' ? 'the name of a pipe is no file' : undefined),
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      const { listener: gone } = await accepting(port, {}, `unix:${path}`)
      unlinkSync(path)
      await gone.close()
      const { listener: replaced } = await accepting(port, {}, `unix:${path}`)
      unlinkSync(path)
      writeFileSync(path, 'notes')
      await replaced.close()
      assert.equal(readFileSync(path, 'utf8'), 'notes')
    },
  },
  {
    name: 'a unix listener in a folder that does not exist fails with ENOENT, and the error says that the folder is missing',
    cannotRun: ({ platform }) => (platform === 'win32' ? 'the name of a pipe has no folder' : undefined),
    async run(context) {
      const port = context.openPort()
      const path = join(dirname(unixPath(context)), 'absent', 'port.sock')
      const error = await rejectsWith(
        port.listen(`unix:${path}`, () => undefined),
        'SYSTEM_ERROR',
      )
      assert.equal(error.systemCode, 'ENOENT')
      assert.match(error.message, /The folder of the path is missing: create it/)
      const refused = await rejectsWith(port.connect(`unix:${path}`), 'CONNECTION_REFUSED')
      assert.match(refused.message, /The path does not exist: .* Its folder may be missing/)
    },
  },
  {
    name: 'the error for a unix path below a file says that a part of the path is not a folder',
    cannotRun: ({ platform }) => (platform === 'win32' ? 'the name of a pipe has no folder' : undefined),
    async run(context) {
      const port = context.openPort()
      const file = unixPath(context)
      writeFileSync(file, 'notes')
      const listening = await rejectsWith(
        port.listen(`unix:${file}/port.sock`, () => undefined),
        'SYSTEM_ERROR',
      )
      const connecting = await rejectsWith(port.connect(`unix:${file}/port.sock`), 'CONNECTION_REFUSED')
      for (const { systemCode, message } of [listening, connecting]) {
        assert.equal(systemCode, 'ENOTDIR')
        assert.match(message, /A part of the path is a file, not a folder/)
      }
    },
  },
  {
    name: 'aborting a unix connection with sends queued keeps nothing',
    async run(context) {
      const { openPort, signal } = context
      const port = openPort()
      const { client, server } = await pair(port, {}, `unix:${unixPath(context)}`)
      const atClient = new Recorder()
      client.start(atClient)
      client.send(pattern(4 * 1024 * 1024))
      client.abort()
      assert.equal(await atClient.untilClose(signal), undefined)
      server.abort()
    },
  },
]
