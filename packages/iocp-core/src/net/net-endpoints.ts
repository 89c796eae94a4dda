import type { Socket } from 'node:net'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { plainAddress } from '../endpoint/plain-address.ts'

/** This side's endpoint of a connected socket; undefined when the connection is gone already. */
export function localEndpoint(socket: Socket, via: Endpoint): Endpoint | undefined {
  return of(via, socket.localAddress, socket.localPort)
}

/** The peer's endpoint. The peer of a unix socket has no name: the path of the listener is used. */
export function remoteEndpoint(socket: Socket, via: Endpoint): Endpoint | undefined {
  return of(via, socket.remoteAddress, socket.remotePort)
}

function of(via: Endpoint, host: string | undefined, port: number | undefined): Endpoint | undefined {
  if (via.kind !== 'tcp') return via
  return host === undefined || port === undefined
    ? undefined
    : { kind: 'tcp', host: plainAddress(host), port }
}
