import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeValue } from '@frameport/protocol/checks'
import { refusal } from '../check-options.ts'

/** The address of an HTTP server that only serves WebSockets. */
export interface OwnPlace {
  readonly host: string
  readonly port: number
  readonly path: string
}

/**
 * Reads `ws://HOST:PORT/PATH`.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function parseWsEndpoint(given: string): OwnPlace {
  let url: URL
  try {
    url = new URL(given)
  } catch (cause) {
    throw refusal(`${describeValue(given)} is not a URL such as ws://127.0.0.1:8080/chat`, { cause })
  }
  if (url.protocol === 'wss:')
    throw refusal('wss: needs certificates: create a server with node:https and give ws({ server, path })')
  if (url.protocol !== 'ws:' || url.search !== '' || url.hash !== '')
    throw refusal(`${describeValue(given)} is not a URL such as ws://127.0.0.1:8080/chat`)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    path: url.pathname,
  }
}

/**
 * Starts a server that answers all other requests with 426 (RFC 9110, section 15.5.22). Rejects with the error of
 * Node.js if it cannot listen.
 */
export async function listenHttp({ host, port }: OwnPlace): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(426, {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Content-Type': 'text/plain; charset=utf-8',
    })
    response.end('This address accepts only WebSockets.\n')
  })
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

/** Returns the URL with the actual port. */
export function urlOfServer(server: Server, path: string, scheme = 'ws'): string {
  const address = server.address() as AddressInfo | string | null
  if (address === null || typeof address === 'string') return `${scheme}:${address ?? ''}${path}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${scheme}://${host}:${address.port}${path}`
}
