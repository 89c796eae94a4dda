import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { WebSocketListenOptions } from './ws-options.ts'

/**
 * Whether the origin of a request for a WebSocket is allowed. A client without an origin is not a page, and is allowed.
 */
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
    // `null`, from a sandboxed page.
    return false
  }
}

/** The address of the client as a URL. */
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

/** Refuses a promise, because the request would stay open until it settles. Its rejection is handled here. */
function atOnce(name: string, answer: unknown): unknown {
  if (typeof (answer as Partial<PromiseLike<unknown>> | null | undefined)?.then !== 'function') return answer
  Promise.resolve(answer).catch(() => undefined)
  throw new TypeError(`${name} returned a promise; it must return its answer synchronously`)
}
