import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { WebSocketListenOptions } from './ws-options.ts'

/** Whether the page that asks for a WebSocket may have it. What is not a page, and so tells no origin, may. */
export function isAllowedOrigin(
  request: IncomingMessage,
  origins: WebSocketListenOptions['origins'],
): boolean {
  const { origin, host } = request.headers
  if (origin === undefined || origins === 'any') return true
  if (typeof origins === 'function') return atOnce('origins', origins(origin, request)) === true
  if (origins !== undefined) return origins.includes(origin)
  try {
    return new URL(origin).host === host
  } catch {
    // `null`, of a sandboxed page.
    return false
  }
}

/** Where the client is, as a URL. */
export function endpointOf(
  request: IncomingMessage,
  remoteEndpoint: WebSocketListenOptions['remoteEndpoint'],
): string {
  if (remoteEndpoint === undefined) {
    const { remoteAddress = '', remotePort } = request.socket
    return `${urlOfAddress(remoteAddress.replace(/^::ffff:(?=[\d.]+$)/, ''))}:${remotePort}`
  }
  const told: unknown = atOnce('remoteEndpoint', remoteEndpoint(request))
  if (typeof told !== 'string') throw new TypeError('remoteEndpoint did not return a string')
  return isIP(told) === 0 ? told : urlOfAddress(told)
}

function urlOfAddress(address: string): string {
  return `ws://${isIP(address) === 6 ? `[${address}]` : address}`
}

/** An async function would be waited for while the request is open. It is refused, and its rejection is nobody else's. */
function atOnce(name: string, answer: unknown): unknown {
  if (typeof (answer as Partial<PromiseLike<unknown>> | null | undefined)?.then !== 'function') return answer
  Promise.resolve(answer).catch(() => undefined)
  throw new TypeError(`${name} returned a promise; it must return its answer synchronously`)
}
