import { type CreateClientOptions, createClient } from '@frameport/client'
import type { ByteStream } from '@frameport/framing'
import {
  type BackendName,
  type CompletionPort,
  createCompletionPort,
  type ListenOptions,
} from '@frameport/iocp-core'
import type { Server, TlsListenOptions } from '@frameport/server'
import { rawPeerOnBytes } from './raw-peer.ts'
import { assertNothingLeft, type NewestEnds, realTime, type World } from './world.ts'
import type { WorldName } from './world-name.ts'

/** How servers listen and clients connect, if not over plain TCP. */
export interface Listening {
  readonly name: WorldName
  readonly url: string
  readonly listenOptions: ListenOptions | TlsListenOptions
  readonly connectOptions: Pick<CreateClientOptions, 'ca' | 'cert' | 'key'>
  connectRaw(port: CompletionPort, url: string): Promise<ByteStream>
}

/** One back end of the completion port, with a listener on the loopback for each server. */
export function portWorld(
  backend: BackendName,
  listening = plain(backend),
): World & { readonly port: CompletionPort } {
  const port = createCompletionPort({ backend, poisonLentBytes: true })
  if (port.backend !== backend) throw new Error(`asked for ${backend}, got ${port.backend}`)
  const newest = noteConnections(port)
  const clients: { $close(): Promise<void> }[] = []
  const urls = new Map<Server, Promise<string>>()
  const urlOf = (server: Server) => {
    const url =
      urls.get(server) ??
      server.listen(listening.url, listening.listenOptions).then((listener) => listener.url)
    urls.set(server, url)
    return url
  }
  return {
    ...realTime,
    name: listening.name,
    remote: /^(tcp|tls):\/\/127\.0\.0\.1:\d+$/,
    port,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, await urlOf(server), {
        completionPort: port,
        // Most scenarios check the effect of a lost connection on calls and streams.
        reconnect: false,
        ...listening.connectOptions,
        ...options,
      })
      clients.push(client)
      return client
    },
    connectRaw: async (server) => rawPeerOnBytes(await listening.connectRaw(port, await urlOf(server))),
    cut: (side) => newest[side]?.abort(),
    async close(server) {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close()
      await realTime.eventually('the port is empty', () => port.counters.connections === 0)
      await port.close()
      const alive = Object.entries(port.counters).filter(([, count]) => count !== 0)
      assertNothingLeft(alive.map(([what, count]) => `${count} ${what}`))
    },
  }
}

function plain(backend: BackendName): Listening {
  return {
    name: backend,
    url: 'tcp://127.0.0.1:0',
    listenOptions: {},
    connectOptions: {},
    connectRaw: (port, url) => port.connect(url),
  }
}

/** Records the connections that the port makes and accepts, so that they can be cut from outside. */
function noteConnections(port: CompletionPort): NewestEnds {
  const newest: NewestEnds = { client: undefined, server: undefined }
  const connect = port.connect.bind(port)
  const listen = port.listen.bind(port)
  port.connect = async (...given) => {
    const connection = await connect(...given)
    newest.client = connection
    return connection
  }
  port.listen = (endpoint, accepted, options) =>
    listen(
      endpoint,
      (connection) => {
        newest.server = connection
        return accepted(connection)
      },
      options,
    )
  return newest
}
