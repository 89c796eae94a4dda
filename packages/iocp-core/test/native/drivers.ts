import type { BackendName } from '../../src/contract/backend-note.ts'
import type { Driver, DriverConnection, DriverEvents, DriverListener } from '../../src/contract/driver.ts'
import type { Endpoint } from '../../src/endpoint/endpoint.ts'
import { nativeDriverFactory } from '../../src/native/native-driver-factory.ts'

const loopback = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const

const ofThisSystem: readonly BackendName[] = process.platform === 'win32' ? ['iocp'] : ['io_uring', 'epoll']
/** The native back ends of this system, and for each whether it is absent here. */
export const nativeBackEnds: readonly { readonly backend: BackendName; readonly absent: boolean }[] =
  ofThisSystem.map((backend) => ({ backend, absent: !nativeDriverFactory(backend).note().available }))

export function openDriver(backend: BackendName, receiveBufferBytes = 64 * 1024): Driver {
  return nativeDriverFactory(backend).open({
    backend,
    sendQueueHighBytes: 1,
    sendQueueLowBytes: 0,
    notSentLowBytes: 0,
    receiveBufferBytes,
    workers: 1,
    poisonLentBytes: false,
  })
}

export interface Recorded extends DriverEvents {
  readonly bytes: number[]
  ended: boolean
  queuedBytes: number
  readonly gone: Promise<Error | undefined>
}

/** Records the events of a connection. */
export function record(connection: DriverConnection): Recorded {
  let settle: (error: Error | undefined) => void = () => undefined
  const recorded: Recorded = {
    bytes: [],
    ended: false,
    queuedBytes: 0,
    gone: new Promise((resolve) => {
      settle = resolve
    }),
    received(chunk) {
      for (const byte of chunk) recorded.bytes.push(byte)
    },
    receivedEnd() {
      recorded.ended = true
    },
    sendProgress(queuedBytes) {
      recorded.queuedBytes = queuedBytes
    },
    closed: (error) => settle(error),
  }
  connection.events = recorded
  return recorded
}

export interface DriverPair {
  readonly listener: DriverListener
  readonly clients: readonly DriverConnection[]
  readonly servers: readonly DriverConnection[]
}

/** `count` connections over one listener; client n belongs to server n. */
export async function connectPairs(
  driver: Driver,
  count: number,
  endpoint: Endpoint = loopback,
): Promise<DriverPair> {
  const accepted: DriverConnection[] = []
  const listener = await driver.listen(
    endpoint,
    {},
    {
      accepted: (connection) => accepted.push(connection),
      acceptFailed: (error) => {
        throw error
      },
    },
  )
  const clients: DriverConnection[] = []
  for (let index = 0; index < count; index++) {
    clients.push(await driver.connect(listener.endpoint, {}, new AbortController().signal))
  }
  await until(() => accepted.length === count)
  // Only TCP addresses identify the pairs.
  if (count === 1) return { listener, clients, servers: accepted }
  const servers = clients.map((client) => {
    const server = accepted.find(
      ({ remoteEndpoint }) => portOf(remoteEndpoint) === portOf(client.localEndpoint),
    )
    if (server === undefined) throw new Error('every client was accepted')
    return server
  })
  return { listener, clients, servers }
}

function portOf(endpoint: DriverConnection['localEndpoint']): number {
  if (endpoint.kind !== 'tcp') throw new Error('these pairs are made over tcp')
  return endpoint.port
}

/** Runs the event loop until the condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never true: ${holds}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function isZero(driver: Driver): boolean {
  return Object.values(driver.counters).every((count) => count === 0)
}
