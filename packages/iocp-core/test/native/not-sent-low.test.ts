import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { type CompletionPort, type Connection, createCompletionPort } from '../../src/index.ts'
import { notSentLowRefusal } from '../../src/native/native-driver-factory.ts'
import { nativeBackEnds } from './drivers.ts'

/** Prints TCP_NOTSENT_LOWAT (25) of the socket in descriptor 3. */
const readOption =
  'import socket; print(socket.socket(fileno=3).getsockopt(socket.IPPROTO_TCP, 25), end="", flush=True)'

const ports: CompletionPort[] = []
afterEach(async () => {
  await Promise.all(ports.splice(0).map((port) => port.close()))
})

/** The descriptor of this process for the socket of a connection, found in /proc by its two ports (proc(5)). */
function descriptorOf({ localEndpoint, remoteEndpoint }: Connection): number {
  const ends = [localEndpoint, remoteEndpoint].map((end) => {
    if (end.kind !== 'tcp') throw new Error('only TCP sockets have ports')
    return `0100007F:${end.port.toString(16).toUpperCase().padStart(4, '0')}`
  })
  const line = readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[1] === ends[0] && fields[2] === ends[1])
  const name = `socket:[${line?.[9]}]`
  const found = readdirSync('/proc/self/fd').find((descriptor) => linkOf(descriptor) === name)
  if (found === undefined) throw new Error(`no descriptor is ${name}`)
  return Number(found)
}

function linkOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    // The descriptor that read the folder is closed already.
    return undefined
  }
}

/** The value of the option in the kernel for a connection. */
function inKernel(connection: Connection): number {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', readOption], {
    stdio: ['ignore', 'pipe', 'pipe', descriptorOf(connection)],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`python3 could not read the option. ${stderr}`)
  return Number(stdout)
}

for (const { backend, absent } of nativeBackEnds.filter((found) => found.backend !== 'iocp')) {
  describe.skipIf(absent)(backend, () => {
    async function bothEnds(options: { readonly notSentLowBytes?: number }) {
      const port = createCompletionPort({ ...options, backend })
      ports.push(port)
      let accepted: (connection: Connection) => void = () => undefined
      const accepting = new Promise<Connection>((resolve) => {
        accepted = resolve
      })
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => accepted(connection))
      return { port, connections: await Promise.all([port.connect(listener.url), accepting]) }
    }

    test('the kernel has the value of the option, or the default without one, at both ends', async () => {
      for (const options of [{}, { notSentLowBytes: 12_345 }]) {
        const { port, connections } = await bothEnds(options)
        expect(connections.map(inKernel)).toEqual([port.notSentLowBytes, port.notSentLowBytes])
      }
    })

    test('with 0 the kernel keeps its own value', async () => {
      const { connections } = await bothEnds({ notSentLowBytes: 0 })
      // 0 stands for net.ipv4.tcp_notsent_lowat.
      expect(connections.map(inKernel)).toEqual([0, 0])
    })
  })
}

describe('the reason why there is no such option', () => {
  const step = 'TCP_NOTSENT_LOWAT'
  const note = { backend: 'epoll', available: true } as const

  test('is undefined if the system accepts the option', () => {
    expect(notSentLowRefusal({ ...note, steps: [{ step, required: false, ok: true }] })).toBeUndefined()
  })

  test('names the error of a system that refuses it', () => {
    const steps = [{ step, required: false, ok: false, systemCode: 'ENOPROTOOPT' }]
    expect(notSentLowRefusal({ ...note, steps })).toContain('refuses TCP_NOTSENT_LOWAT (ENOPROTOOPT)')
  })

  test('says that the system has no such option if it was not tried', () => {
    expect(notSentLowRefusal({ ...note, steps: [] })).toContain('has no TCP_NOTSENT_LOWAT')
  })
})
