import { lookup } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import type { Endpoint } from '../contract/endpoint.ts'
import { IocpError } from '../iocp-error.ts'

/**
 * The addresses of an endpoint's host, in the resolver's order: endpoints without a name come back alone.
 * getaddrinfo(3) cannot be called off: an abort stops the waiting, not the look-up.
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
    return addresses.map(({ address }) => ({ ...endpoint, host: address }))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw IocpError.from(error, 'resolve', endpoint.host)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** An IPv4 peer of a socket for both families shows its own address: `::ffff:10.0.0.1` becomes `10.0.0.1`. */
export function plainAddress(endpoint: Endpoint): Endpoint {
  if (endpoint.kind !== 'tcp' || !endpoint.host.startsWith('::ffff:')) return endpoint
  const host = endpoint.host.slice('::ffff:'.length)
  return isIPv4(host) ? { ...endpoint, host } : endpoint
}
