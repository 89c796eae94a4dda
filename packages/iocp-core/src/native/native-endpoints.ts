import type { Endpoint } from '../endpoint/endpoint.ts'
import { plainAddress } from '../endpoint/plain-address.ts'
import { addressKind, type NativeAddress } from './addon-types.ts'

/** An endpoint as the addon takes it. */
export function nativeAddress(endpoint: Endpoint): readonly [kind: number, text: string, port: number] {
  if (endpoint.kind === 'tcp') return [addressKind.tcp, endpoint.host, endpoint.port]
  return [addressKind.unix, endpoint.path, 0]
}

/** The ends of a Unix connection have no names of their own: both show the path they met at. */
export function boundEndpoint(address: NativeAddress | null, via: Endpoint): Endpoint {
  if (via.kind !== 'tcp' || address === null) return via
  const host = plainAddress(address[1])
  // What is accepted at one address of a listener shares the listener's object, and on one machine the host's text.
  if (via.host !== host) return { kind: 'tcp', host, port: address[2] }
  return via.port === address[2] ? via : { kind: 'tcp', host: via.host, port: address[2] }
}

/**
 * Where an accepted connection comes from. A peer that reset before it was accepted has no address any more
 * (getpeername(2): ENOTCONN). It shows the unspecified address with port 0, which no peer has (RFC 1122, 3.2.1.3;
 * RFC 4291, 2.5.2), and not the listener's own.
 */
export function peerEndpoint(address: NativeAddress | null, via: Endpoint): Endpoint {
  if (address !== null || via.kind !== 'tcp') return boundEndpoint(address, via)
  return { kind: 'tcp', host: via.host.includes(':') ? '::' : '0.0.0.0', port: 0 }
}
