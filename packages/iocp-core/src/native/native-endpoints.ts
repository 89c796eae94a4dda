import type { Endpoint } from '../endpoint/endpoint.ts'
import { plainAddress } from '../endpoint/plain-address.ts'
import { addressKind, type NativeAddress } from './addon-types.ts'

/** An endpoint in the form that the addon takes. */
export function nativeAddress(endpoint: Endpoint): readonly [kind: number, text: string, port: number] {
  if (endpoint.kind === 'tcp') return [addressKind.tcp, endpoint.host, endpoint.port]
  return [addressKind.unix, endpoint.path, 0]
}

/** The ends of a Unix connection have no names of their own: both get the path of the listener. */
export function boundEndpoint(address: NativeAddress | null, via: Endpoint): Endpoint {
  if (via.kind !== 'tcp' || address === null) return via
  const host = plainAddress(address[1])
  // Connections accepted at one address of a listener share the listener's object, and on one machine the host's text.
  if (via.host !== host) return { kind: 'tcp', host, port: address[2] }
  return via.port === address[2] ? via : { kind: 'tcp', host: via.host, port: address[2] }
}

/**
 * The address of the peer of an accepted connection. A peer that reset before the accept no longer has an address
 * (getpeername(2): ENOTCONN). It gets the unspecified address with port 0, which no peer has (RFC 1122, 3.2.1.3;
 * RFC 4291, 2.5.2), and not the listener's own.
 */
export function peerEndpoint(address: NativeAddress | null, via: Endpoint): Endpoint {
  if (address !== null || via.kind !== 'tcp') return boundEndpoint(address, via)
  return { kind: 'tcp', host: via.host.includes(':') ? '::' : '0.0.0.0', port: 0 }
}
