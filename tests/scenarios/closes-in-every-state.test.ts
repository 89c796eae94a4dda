import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { createClient } from '@frameport/client'
import { type BackendName, type CompletionPort, createCompletionPort, probe } from '@frameport/iocp-core'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement, type Server } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { noBody } from '../support/envelopes.ts'
import { frameOf, openRawSocket, type RawSocket } from './raw-socket.ts'
import { realTime } from './worlds/world.ts'

const KiB = 1024
const states = contract('states', {
  version: 1,
  procedures: {
    wait: procedure({}),
    large: procedure({ output: bytes() }),
    count: procedure({ items: z.number() }),
    fill: procedure({ upload: z.number(), output: z.number() }),
    tell: procedure({ oneWay: true }),
  },
})

interface Stage {
  readonly server: Server
  readonly url: string
  /** The number of handlers that were called. */
  readonly begun: { count: number }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

async function stage(port: CompletionPort): Promise<Stage> {
  const begun = { count: 0 }
  const server = createServer(
    implement(states)
      .$context<object>()
      .handlers({
        wait: ({ signal }) => {
          begun.count += 1
          return aborted(signal)
        },
        large: () => {
          begun.count += 1
          return new Uint8Array(900 * KiB)
        },
        async *count() {
          begun.count += 1
          for (let number = 0; ; number++) yield number
        },
        async fill({ upload }) {
          begun.count += 1
          let sum = 0
          for await (const number of upload) sum += number
          return sum
        },
        tell: ({ signal }) => {
          begun.count += 1
          return aborted(signal)
        },
      }),
    {
      completionPort: port,
      log: false,
      limits: { closeLingerMs: 200 },
      context: ({ hello }) => (hello.auth === 'slow' ? new Promise<object>(() => undefined) : {}),
    },
  )
  const { url } = await server.listen('tcp://127.0.0.1:0')
  return { server, url, begun }
}

const call = (procedure: string, more: object = {}) =>
  frameOf({
    kind: 'call',
    callId: 1,
    procedure: `states@1/${procedure}`,
    upload: false,
    metadata: {},
    body: noBody,
    ...more,
  })

/** A connection of a raw peer, in the state that the name describes. The peer never ends the connection by itself. */
const peers: Readonly<Record<string, (stage: Stage) => Promise<RawSocket>>> = {
  'that has sent nothing': ({ url }) => openRawSocket(url, { greets: false }),
  'in the middle of its hello': async ({ url }) => {
    const raw = await openRawSocket(url, { greets: false })
    raw.socket.write(Uint8Array.of(0, 0, 1, 0, 1))
    return raw
  },
  'that is open and idle': ({ url }) => openRawSocket(url),
  'in the middle of a frame': async ({ url }) => {
    const raw = await openRawSocket(url)
    raw.socket.write(Buffer.concat([Uint8Array.of(0, 8, 0, 0), Buffer.alloc(100 * KiB)]))
    return raw
  },
  'with a call whose handler runs': (all) => called(all, call('wait')),
  'with a one-way call whose handler runs': (all) =>
    called(all, frameOf({ kind: 'oneway', procedure: 'states@1/tell', metadata: {}, body: noBody })),
  'with an upload that has stalled': (all) => called(all, call('fill', { upload: true })),
  'with a stream that is not read': (all) =>
    called(all, call('count', { credit: { items: 1_000_000, bytes: 1_000_000_000 } }), true),
  'with answers that are not read': async (all) => {
    const raw = await called(all, call('large'), true)
    for (let callId = 3; callId < 60; callId += 2) raw.socket.write(call('large', { callId }))
    return raw
  },
  'that has ended its side': async ({ url }) => {
    const raw = await openRawSocket(url)
    raw.socket.end()
    return raw
  },
}

async function called({ url, begun }: Stage, bytes: Buffer, stops = false): Promise<RawSocket> {
  const before = begun.count
  const raw = await openRawSocket(url)
  if (stops) raw.socket.pause()
  raw.socket.write(bytes)
  await realTime.eventually('its handler runs', () => begun.count > before)
  return raw
}

const empty = { listeners: 0, connections: 0, operationsInFlight: 0, buffersInUse: 0, handles: 0, timers: 0 }

async function onPort(backend: BackendName, run: (port: CompletionPort) => Promise<void>): Promise<void> {
  const port = createCompletionPort({ backend })
  try {
    await run(port)
    await realTime.eventually(
      'the port is empty',
      () => JSON.stringify(port.counters) === JSON.stringify(empty),
    )
  } finally {
    await port.close()
  }
}

for (const { backend, available, reason } of probe().filter(({ cause }) => cause !== 'other_system')) {
  describe(`on ${backend}`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)

    test.each(Object.keys(peers))('close() of a server leaves no socket of a peer %s', (name) =>
      onPort(backend, async (port) => {
        const all = await stage(port)
        const raw = await peers[name]!(all)
        await all.server.close({ graceMs: 0 })
        expect(all.server.stats()).toMatchObject({ connections: 0, handlersInFlight: 0 })
        raw.socket.resume()
        await realTime.eventually('the socket of the peer is closed', () => raw.isClosed)
      }),
    )

    test('close() of a server leaves no socket of all these peers together', () =>
      onPort(backend, async (port) => {
        const all = await stage(port)
        const raws: RawSocket[] = []
        for (const open of Object.values(peers)) raws.push(await open(all))
        await all.server.close({ graceMs: 0 })
        for (const { socket } of raws) socket.resume()
        await realTime.eventually('every socket is closed', () => raws.every(({ isClosed }) => isClosed))
      }))

    /** What a client does before it is closed. */
    const clients: Readonly<
      Record<string, { readonly auth?: string; act(client: ReturnType<typeof clientOf>): unknown }>
    > = {
      'while it connects': { act: () => undefined },
      'while it waits for the welcome': { auth: 'slow', act: () => undefined },
      'while a call waits for the welcome': { auth: 'slow', act: (client) => client.wait() },
      'when it is open': { act: (client) => client.$connection.opened() },
      'with a call': { act: (client) => client.wait() },
      'with a one-way call': { act: (client) => client.tell() },
      'with a stream that is not read': { act: (client) => client.count().next() },
      'with an upload that waits for its source': { act: (client) => client.fill(neverEnds()) },
    }

    const clientOf = (url: string, port: CompletionPort, auth?: string) =>
      createClient(states, url, { completionPort: port, auth, limits: { closeLingerMs: 200 } })

    test.each(Object.keys(clients))('$close() of a client leaves no socket %s', (name) =>
      onPort(backend, async (port) => {
        const { server, url } = await stage(port)
        const { auth, act } = clients[name]!
        const client = clientOf(url, port, auth)
        const acted = Promise.resolve(act(client)).catch(() => undefined)
        if (name !== 'while it connects')
          await realTime.eventually('it is connected', () => server.connections.size === 1)
        await client.$close({ graceMs: 0 })
        await acted
        await realTime.eventually('the server has seen it', () => server.connections.size === 0)
        await server.close()
      }),
    )

    test('$close() of a client leaves no socket to a server that accepts and sends nothing', () =>
      onPort(backend, async (port) => {
        const sockets: Socket[] = []
        const silent = createTcpServer((socket) => void sockets.push(socket.on('error', () => undefined)))
        await once(silent.listen(0, '127.0.0.1'), 'listening')
        const { port: tcpPort } = silent.address() as { port: number }
        const client = clientOf(`tcp://127.0.0.1:${tcpPort}`, port)
        await realTime.eventually('it is connected', () => sockets.length === 1)
        await client.$close({ graceMs: 0 })
        await realTime.eventually('the port is empty', () => port.counters.connections === 0)
        for (const socket of sockets) socket.destroy()
        silent.close()
      }))
  })
}

async function* neverEnds(): AsyncGenerator<number> {
  yield 1
  await new Promise(() => undefined)
}
