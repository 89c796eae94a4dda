import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Connector, createClient } from '@frameport/client'
import type { Acceptor, Server } from '@frameport/server'
import { unixAcceptor, unixConnector } from '../../../examples/transports/unix-socket.ts'
import { rawPeerOnBytes } from './raw-peer.ts'
import { assertNothingLeft, type NewestEnds, realTime, type World } from './world.ts'

const openPipes = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe')).length

/** Streams of Node.js, as a user adapts them, with a Unix socket for each server. */
export function nodeStreamWorld(): World {
  const openBefore = openPipes()
  const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
  const clients: { $close(): Promise<void> }[] = []
  const newest: NewestEnds = { client: undefined, server: undefined }
  const paths = new Map<Server, Promise<string>>()
  const pathOf = (server: Server) => {
    const name = `server-${paths.size}`
    const path =
      process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}-${name}` : join(folder, name)
    const listening = paths.get(server) ?? server.listen(noted(unixAcceptor(path), newest)).then(() => path)
    paths.set(server, listening)
    return listening
  }
  return {
    ...realTime,
    name: 'node streams',
    remote: /^pipe:.*server-0$/,
    async connect(server, contract, options = {}) {
      const client = createClient(contract, notedConnector(unixConnector(await pathOf(server)), newest), {
        reconnect: false,
        ...options,
      })
      clients.push(client)
      return client
    },
    async connectRaw(server) {
      const { connect } = unixConnector(await pathOf(server))
      const stream = await connect({ signal: new AbortController().signal, timeoutMs: 10_000 })
      return rawPeerOnBytes(stream as Parameters<typeof rawPeerOnBytes>[0])
    },
    cut: (side) => newest[side]?.abort(),
    async close(server) {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close()
      await realTime.eventually('every pipe is closed', () => openPipes() <= openBefore)
      rmSync(folder, { recursive: true })
      assertNothingLeft(openPipes() > openBefore ? ['open pipes'] : [])
    },
  }
}

function notedConnector(connector: Connector, newest: NewestEnds): Connector {
  return {
    ...connector,
    async connect(options) {
      const stream = await connector.connect(options)
      newest.client = stream
      return stream
    },
  }
}

function noted(acceptor: Acceptor, newest: NewestEnds): Acceptor {
  return {
    ...acceptor,
    listen: (events) =>
      acceptor.listen({
        ...events,
        accepted(stream, from) {
          newest.server = stream
          events.accepted(stream, from)
        },
      }),
  }
}
