import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type CompletionPort, limits } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { rejectsWith } from '../support/errors.ts'
import { accepting } from '../support/pair.ts'
import { leaveStaleSocket } from '../support/stale-socket.ts'
import { unixPath } from '../support/unix-path.ts'

const nobody = () => undefined

const files: Pick<ConformanceCase, 'cannotRun'> = {
  cannotRun: ({ platform }) => (platform === 'win32' ? 'the name of a pipe is no file' : undefined),
}

const modeOf = (path: string) => statSync(path).mode & 0o777

/** A path of exactly so many bytes, in a folder that is there. */
function pathOfBytes(inside: string, bytes: number, name: string): string {
  const left = bytes - Buffer.byteLength(inside) - Buffer.byteLength(name) - 2
  const folder = join(inside, 'f'.repeat(left))
  mkdirSync(folder)
  const path = join(folder, name)
  assert.equal(Buffer.byteLength(path), bytes)
  return path
}

async function meetAt(port: CompletionPort, path: string): Promise<void> {
  const { listener, next } = await accepting(port, {}, `unix:${path}`)
  const [client, server] = await Promise.all([port.connect(listener.url), next()])
  client.abort()
  server.abort()
  await listener.close()
  assert.deepEqual(readdirSync(dirname(path)), [])
}

export const unixPathCases: readonly ConformanceCase[] = [
  {
    name: 'a stale unix socket is replaced, and nothing else is left in its folder',
    ...files,
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      await leaveStaleSocket(path)
      const stale = lstatSync(path).ino
      await rejectsWith(port.connect(`unix:${path}`), 'CONNECTION_REFUSED')
      const { listener, next } = await accepting(port, {}, `unix:${path}`)
      assert.notEqual(lstatSync(path).ino, stale)
      assert.deepEqual(readdirSync(dirname(path)), ['port.sock'])
      const [client, server] = await Promise.all([port.connect(listener.url), next()])
      assert.deepEqual(server.localEndpoint, { kind: 'unix', path })
      assert.deepEqual(server.remoteEndpoint, { kind: 'unix', path })
      client.abort()
      server.abort()
      await listener.close()
      assert.deepEqual(readdirSync(dirname(path)), [])
    },
  },
  {
    name: 'a unix socket at which a server answers is in use, and stays reachable',
    ...files,
    async run(context) {
      const path = unixPath(context)
      const first = context.openPort()
      const { listener, next } = await accepting(first, {}, `unix:${path}`)
      const second = context.openPort()
      const error = await rejectsWith(second.listen(`unix:${path}`, nobody), 'ADDRESS_IN_USE')
      assert.equal(error.systemCode, 'EADDRINUSE')
      assert.ok(error.message.includes(path), error.message)
      assert.match(error.message, /a server listens there, and answers/)
      assert.deepEqual(readdirSync(dirname(path)), ['port.sock'])
      ;(await next()).abort()
      const [client, server] = await Promise.all([second.connect(listener.url), next()])
      client.abort()
      server.abort()
    },
  },
  {
    name: 'a file at a unix path that is not a socket causes an error, and is not changed',
    ...files,
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      const target = `unix:${path}`
      writeFileSync(path, 'notes')
      const error = await rejectsWith(port.listen(target, nobody), 'NOT_A_SOCKET')
      assert.ok(error.message.includes(path), error.message)
      assert.equal(readFileSync(path, 'utf8'), 'notes')
      rmSync(path)
      mkdirSync(path)
      await rejectsWith(port.listen(target, nobody), 'NOT_A_SOCKET')
      rmSync(path, { recursive: true })
      // Also a link to a stale socket: bind(2) does not follow links.
      await leaveStaleSocket(`${path}2`)
      symlinkSync(`${path}2`, path)
      await rejectsWith(port.listen(target, nobody), 'NOT_A_SOCKET')
      assert.ok(lstatSync(path).isSymbolicLink())
      assert.deepEqual(readdirSync(dirname(path)).sort(), ['port.sock', 'port.sock2'])
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'if many listeners start together at a stale unix socket, one gets it',
    ...files,
    async run(context) {
      const path = unixPath(context)
      for (let round = 0; round < 10; round++) {
        await leaveStaleSocket(path)
        const ports = Array.from({ length: 8 }, () => context.openPort())
        const outcomes = await Promise.allSettled(
          ports.map((port) => port.listen(`unix:${path}`, (connection) => connection.abort())),
        )
        const codes = outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? 'listens' : outcome.reason.code,
        )
        assert.equal(codes.filter((code) => code === 'listens').length, 1, codes.join())
        assert.equal(codes.filter((code) => code === 'ADDRESS_IN_USE').length, 7, codes.join())
        assert.deepEqual(readdirSync(dirname(path)), ['port.sock'])
        for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.close()
        assert.deepEqual(readdirSync(dirname(path)), [])
      }
    },
  },
  {
    name: 'unixMode is the mode of the file, whatever the umask is',
    ...files,
    async run(context) {
      const port = context.openPort()
      for (const unixMode of [0, 0o600, 0o660, 0o666, 0o777]) {
        const path = unixPath(context)
        const listener = await port.listen(`unix:${path}`, nobody, { unixMode })
        assert.equal(modeOf(path), unixMode)
        await listener.close()
      }
      const stale = unixPath(context)
      await leaveStaleSocket(stale)
      await port.listen(`unix:${stale}`, nobody, { unixMode: 0o640 })
      assert.equal(modeOf(stale), 0o640)
      const byUmask = unixPath(context)
      await port.listen(`unix:${byUmask}`, nobody)
      assert.equal(modeOf(byUmask), 0o777 & ~process.umask())
    },
  },
  {
    name: 'a wrong unixMode, and a unixMode for an endpoint without a file, are refused before anything is created',
    async run(context) {
      const port = context.openPort()
      const path = unixPath(context)
      for (const unixMode of [-1, 0o1000, 0o100_777, 660, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const listening = port.listen(`unix:${path}`, nobody, { unixMode })
        assert.match((await rejectsWith(listening, 'INVALID_ARGUMENT')).message, /unixMode/)
      }
      const asText = { unixMode: '660' as unknown as number }
      await rejectsWith(port.listen(`unix:${path}`, nobody, asText), 'INVALID_ARGUMENT')
      await rejectsWith(port.listen('tcp://127.0.0.1:0', nobody, { unixMode: 0o660 }), 'INVALID_ARGUMENT')
      if (context.platform === 'win32') {
        await rejectsWith(port.listen(`unix:${path}`, nobody, { unixMode: 0o660 }), 'OPTION_UNSUPPORTED')
      } else assert.deepEqual(readdirSync(dirname(path)), [])
      assert.equal(port.counters.handles, 0)
    },
  },
  {
    name: 'unix paths of the maximum length work, fresh and stale, and longer ones are refused',
    ...files,
    async run(context) {
      const port = context.openPort()
      const inside = dirname(unixPath(context))
      const path = pathOfBytes(inside, limits.unixPathBytes.max, 's')
      await meetAt(port, path)
      rmSync(dirname(path), { recursive: true })
      // Short names beside the path are made for these, too.
      mkdirSync(dirname(path))
      await leaveStaleSocket(join(inside, 'stale'))
      renameSync(join(inside, 'stale'), path)
      await meetAt(port, path)
      for (const bytes of [limits.unixPathBytes.max + 1, 4_000]) {
        const tooLong = `unix:${inside}/${'p'.repeat(bytes - inside.length - 1)}`
        const error = await rejectsWith(port.listen(tooLong, nobody), 'INVALID_ENDPOINT')
        assert.ok(error.message.includes(`${limits.unixPathBytes.max} bytes`), error.message)
      }
    },
  },
  {
    name: 'a relative unix path is resolved in the folder in which listen was called',
    ...files,
    async run(context) {
      const path = unixPath(context)
      const port = context.openPort()
      await leaveStaleSocket(path)
      const listener = await port.listen(`unix:${relative(process.cwd(), path)}`, nobody)
      assert.deepEqual(readdirSync(dirname(path)), ['port.sock'])
      await listener.close()
      assert.deepEqual(readdirSync(dirname(path)), [])
    },
  },
]
