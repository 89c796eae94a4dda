import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/** Whether a page, or a WebSocket, was asked for at a host that is this server. */
export type HostCheck = (hostHeader: string | undefined) => boolean

/**
 * A page of somebody else can give its own name the address of this server (DNS rebinding). Browsers take both for one host then, and let that page use
 * the chat of the person who reads it: so what is asked for under a strange name is refused.
 *
 * @param listenHost where the server was told to listen. Where that is every address of the machine, each address is its own: nobody can give away a bare one
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
