import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import type { Connector } from '@frameport/client'
import type { Acceptor } from '@frameport/server'
import { duplexStream } from './duplex-stream.ts'

/** Connects to a unix socket (on Windows: a named pipe) over node:net. */
export function unixConnector(path: string): Connector {
  return {
    url: `pipe:${path}`,
    async connect({ signal, timeoutMs }) {
      // allowHalfOpen: what was sent before the end of the other side is still read.
      const socket = createConnection({ path, allowHalfOpen: true })
      try {
        await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
      } catch (cause) {
        socket.destroy()
        throw new Error(`nobody opened ${path} within ${timeoutMs} ms, or it was refused`, { cause })
      }
      return duplexStream(socket)
    },
  }
}

/** Accepts at a unix socket (on Windows: a named pipe) over node:net. */
export function unixAcceptor(path: string): Acceptor {
  return {
    url: `pipe:${path}`,
    async listen(events) {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        events.accepted(duplexStream(socket))
      })
      server.listen(path)
      // Rejects with the error of node when it cannot be bound.
      await once(server, 'listening')
      server.on('error', (error) => events.acceptFailed(error))
      return {
        url: `pipe:${path}`,
        async close() {
          server.close() // Its promise would wait for the connections, which live on.
        },
      }
    },
  }
}
