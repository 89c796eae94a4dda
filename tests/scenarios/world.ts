import { type Client, type CreateClientOptions, createClient } from '@frameport/client'
import type { ByteStream, ByteStreamSink } from '@frameport/framing'
import { type BackendName, type CompletionPort, createCompletionPort, probe } from '@frameport/iocp-core'
import type { Contract } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Server } from '@frameport/server'
import { createMemoryPair, createVirtualClock, type MemoryPair, type PairOptions } from '@frameport/testing'

/** Where scenarios run: in memory and virtual time, or over a real port. */
export interface World {
  readonly name: string
  readonly environment: SessionEnvironment | undefined
  readonly virtual: boolean
  /** A client of the server; closed with the world. */
  connect<C extends Contract>(server: Server, contract: C, options?: CreateClientOptions): Promise<Client<C>>
  /** A stream to the server without a session on it. */
  connectRaw(server: Server): Promise<ByteStream>
  /** What `promise` settles to; virtual time moves as far as it needs. */
  run<T>(promise: Promise<T>): Promise<T>
  /** Waits until the condition holds. */
  eventually(what: string, condition: () => boolean): Promise<void>
  /** Lets everything that is under way arrive. */
  settle(): Promise<void>
  /** Closes everything and throws when something is left. */
  close(server: Server): Promise<void>
}

export function memoryWorld(
  pairOptions: PairOptions = {},
): World & { readonly clock: ReturnType<typeof createVirtualClock>; readonly pairs: readonly MemoryPair[] } {
  const clock = createVirtualClock()
  const pairs: MemoryPair[] = []
  const clients: { $close(): Promise<void> }[] = []
  const pair = (server: Server) => {
    const made = createMemoryPair({ clock, chunking: { bytesMax: 40, seed: pairs.length }, ...pairOptions })
    pairs.push(made)
    server.accept(made.b)
    return made.a
  }
  return {
    name: 'memory',
    environment: clock,
    virtual: true,
    clock,
    pairs,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, pair(server), { environment: clock, ...options })
      clients.push(client)
      return client
    },
    connectRaw: async (server) => pair(server),
    run: (promise) => clock.until(promise),
    async eventually(what, condition) {
      for (let turn = 0; turn < 1_000; turn++) {
        if (condition()) return
        await clock.settle()
      }
      throw new Error(`never: ${what}`)
    },
    settle: () => clock.settle(),
    async close(server) {
      await clock.until(Promise.all(clients.map((client) => client.$close())))
      await clock.until(server.close())
      const left = [...clock.leftOvers(), ...pairs.flatMap((made) => made.leftOvers())]
      if (left.length > 0) throw new Error(`left over: ${left.join('; ')}`)
    },
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function portWorld(backend: BackendName): World & { readonly port: CompletionPort } {
  const port = createCompletionPort({ backend, poisonLentBytes: true })
  const clients: { $close(): Promise<void> }[] = []
  const urls = new Map<Server, Promise<string>>()
  const urlOf = (server: Server) => {
    const url = urls.get(server) ?? server.listen('tcp://127.0.0.1:0').then((listener) => listener.url)
    urls.set(server, url)
    return url
  }
  const world: World & { readonly port: CompletionPort } = {
    name: backend,
    environment: undefined,
    virtual: false,
    port,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, await urlOf(server), { completionPort: port, ...options })
      clients.push(client)
      return client
    },
    connectRaw: async (server) => port.connect(await urlOf(server)),
    run: (promise) => promise,
    async eventually(what, condition) {
      const giveUpAtMs = performance.now() + 20_000
      while (!condition()) {
        if (performance.now() > giveUpAtMs) throw new Error(`never: ${what}`)
        await nextTurn()
      }
    },
    async settle() {
      for (let turn = 0; turn < 20; turn++) await nextTurn()
    },
    async close(server) {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close()
      await world.eventually('the port is empty', () => port.counters.connections === 0)
      await port.close()
      const alive = Object.entries(port.counters).filter(([, count]) => count !== 0)
      if (alive.length > 0) throw new Error(`left over: ${JSON.stringify(Object.fromEntries(alive))}`)
    },
  }
  return world
}

/** Memory, and every back end of this operating system, with the reason why one is left out here. */
export const worlds: readonly {
  readonly name: string
  readonly open: () => World
  readonly absent?: string
}[] = [
  { name: 'memory', open: memoryWorld },
  ...probe()
    .filter(({ cause }) => cause !== 'other_system')
    .map(({ backend, available, reason }) => {
      const open = () => portWorld(backend)
      return available ? { name: backend, open } : { name: backend, open, absent: reason ?? 'unknown' }
    }),
]

/** A sink that keeps what it is given. */
export function collect(stream: ByteStream): { readonly bytes: number[]; ended: boolean; closed: boolean } {
  const seen = { bytes: [] as number[], ended: false, closed: false }
  const sink: ByteStreamSink = {
    data: (chunk) => void seen.bytes.push(...chunk),
    end() {
      seen.ended = true
      stream.end()
    },
    drain: () => undefined,
    close() {
      seen.closed = true
    },
  }
  stream.start(sink)
  return seen
}
