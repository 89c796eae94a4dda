import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/** Checks whether a request for the page or a WebSocket names a host of this server. */
export type HostCheck = (hostHeader: string | undefined) => boolean

/**
 * Another site can point its own name at the address of this server (DNS rebinding). Browsers then treat both as one
 * host, and let that site use the chat of its visitor. The server therefore refuses requests with a foreign host name.
 *
 * @param listenHost the address on which the server listens. If it is every address of the machine, all IP addresses
 * are accepted, because DNS rebinding needs a name
 */
export function ownHosts(listenHost: string): HostCheck {
  const listens = isIPv6(listenHost)
    ? new URL(`http://[${listenHost.replace(/%.*/, '')}]`).hostname
    : listenHost.toLowerCase()
  const own = new Set(['localhost', '127.0.0.1', '[::1]', listens])
  const isEverywhere = listens === '0.0.0.0' || listens === '[::]'
  return (hostHeader = '') => {
    const host = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(hostHeader)?.[1]?.toLowerCase() ?? ''
    return own.has(host) || (isEverywhere && (isIPv4(host) || host.startsWith('[')))
  }
}

/** For the option `origins` of `ws()`: pages of the same host, where that is this server. */
export function ownOrigins(isOwnHost: HostCheck): (origin: string, request: IncomingMessage) => boolean {
  return (origin, { headers: { host } }) => isOwnHost(host) && origin === `http://${host}`
}
