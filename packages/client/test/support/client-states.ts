import { type ClientOptions, type CredentialsFacts, safe } from '@frameport/client'
import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import { PlayedNetwork, type PlayedServer, type tiny } from './played-network.ts'

type Made = ReturnType<PlayedNetwork['client']>

/** A client in a certain state. */
export interface ReachedState {
  readonly network: PlayedNetwork
  readonly client: Made['client']
  /** Each reported change of the state, with its reason. */
  readonly changes: { readonly state: string; readonly reason: SessionCloseReason | undefined }[]
  /** The reason of each call of the function auth. */
  readonly asked: readonly string[]
  /** Removes the obstacle between the client and a connection. */
  recover(): void
}

interface Played {
  readonly count?: number
  /** The mode of the first server, before the client is made. */
  readonly mode?: PlayedServer['mode']
  readonly options?: ClientOptions<typeof tiny>
}

function played({ count = 1, mode = 'up', options = {} }: Played): ReachedState {
  const network = new PlayedNetwork({ count })
  network.server.mode = mode
  const changes: ReachedState['changes'] = []
  const asked: string[] = []
  const { client } = network.client({
    auth: ({ reason }: CredentialsFacts) => {
      asked.push(reason)
      return `${reason} token`
    },
    onStateChange: ({ state, reason }) => void changes.push({ state, reason }),
    onEventGap: () => undefined,
    ...options,
  })
  return { network, client, changes, asked, recover: () => recover(network) }
}

function recover(network: PlayedNetwork): void {
  network.server.mode = 'up'
  network.server.refusal = undefined
  for (const { b } of network.pairs) b.abort()
}

/** A client whose connection is old enough to count as lasting. */
async function opened(how: Played = {}): Promise<ReachedState> {
  const reached = played(how)
  await reached.network.run(reached.client.$connection.opened())
  await reached.network.clock.advance(11_000)
  return { ...reached, recover: () => undefined }
}

async function lost(mode: PlayedServer['mode'], waitedMs: number): Promise<ReachedState> {
  const reached = await opened({ options: { limits: { connectTimeoutMs: 20_000 } } })
  const { network } = reached
  network.server.mode = mode
  await network.cut()
  await network.clock.advance(waitedMs)
  return { ...reached, recover: () => recover(network) }
}

/** A client with an open call. */
async function calling(how: Played = {}): Promise<ReachedState> {
  const reached = await opened(how)
  void safe(reached.client.stay())
  await reached.network.clock.settle()
  return reached
}

async function refused(refusal: RpcError, options: ClientOptions<typeof tiny> = {}): Promise<ReachedState> {
  const reached = await opened({ options })
  reached.network.server.refusal = refusal
  await reached.network.cut()
  await reached.network.run(reached.client.$connection.closed())
  return { ...reached, recover: () => recover(reached.network) }
}

/** Brings a client into each of its states. */
export const clientStates = {
  async connecting() {
    const reached = played({ mode: 'unreachable', options: { reconnect: { first: true } } })
    await reached.network.clock.settle()
    return reached
  },
  async 'shaking hands'() {
    const reached = played({ mode: 'mute', options: { reconnect: { first: true } } })
    await reached.network.clock.settle()
    return reached
  },
  open: () => opened(),
  'lost, waiting': () => lost('down', 0),
  'lost, connecting': () => lost('unreachable', 1_000),
  'lost, shaking hands': () => lost('mute', 1_000),
  /** The server has asked its clients to leave. */
  async moving() {
    const reached = await opened({ count: 2 })
    reached.network.server.session.announceEnd({ retryAfterMs: 1_000 })
    await reached.network.clock.settle()
    return reached
  },
  /** The server takes no more calls, and there is no other server yet. */
  async left() {
    const reached = await calling({ count: 2 })
    const [first, second] = reached.network.servers as [PlayedServer, PlayedServer]
    first.mode = 'down'
    second.mode = 'down'
    void first.session.close({ graceMs: 60_000 })
    await reached.network.clock.settle()
    return {
      ...reached,
      recover: () => {
        second.mode = 'up'
      },
    }
  },
  async 'draining, closed here'() {
    const reached = await calling()
    void reached.client.$close({ graceMs: 5_000 })
    return reached
  },
  async 'draining, closed there'() {
    const reached = await calling({ options: { reconnect: false } })
    void reached.network.server.session.close({ graceMs: 5_000 })
    await reached.network.clock.settle()
    return reached
  },
  async closed() {
    const reached = await opened()
    await reached.network.run(reached.client.$close())
    return reached
  },
  async 'never open'() {
    const reached = played({ mode: 'down' })
    await reached.network.run(reached.client.$connection.closed())
    return reached
  },
  'given up': () =>
    refused(new RpcError('RESOURCE_EXHAUSTED', 'full', { retryAfterMs: 60_000 }), {
      reconnect: { reconnectTimeoutMs: 20_000 },
    }),
  refused: () => refused(new RpcError('UNAUTHENTICATED', 'expired')),
} satisfies Record<string, () => Promise<ReachedState>>
