import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { IocpError } from '../iocp-error.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * The addresses of an endpoint's host, in the resolver's order and without duplicates. An endpoint without a name is
 * returned unchanged. getaddrinfo(3) cannot be cancelled: an abort ends the waiting, not the look-up.
 *
 * @throws IocpError `HOST_NOT_FOUND`, or the signal's reason.
 */
export async function resolveEndpoint(endpoint: Endpoint, signal: AbortSignal): Promise<readonly Endpoint[]> {
  if (endpoint.kind !== 'tcp' || isIP(endpoint.host) !== 0) return [endpoint]
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    const addresses = await Promise.race([lookup(endpoint.host, { all: true, verbatim: true }), aborted])
    const hosts = new Set(addresses.map(({ address }) => address))
    return [...hosts].map((host) => ({ ...endpoint, host }))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw IocpError.from(error, 'resolve', endpoint.host)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
