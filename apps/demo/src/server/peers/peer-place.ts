import { isEverywhere, isLoopback, outsideAddress } from '../addresses.ts'
import { natsAddressOf } from '../nats-address.ts'
import type { ServerOptions } from '../options.ts'

type PeerOptions = Pick<ServerOptions, 'host' | 'peerHost' | 'peerPort' | 'nats' | 'workers'>

/** The host at which the other servers of the chat get files from this one. */
export function peerHostOf({ host, peerHost }: Pick<PeerOptions, 'host' | 'peerHost'>): string {
  return peerHost ?? (isEverywhere(host) ? outsideAddress() : undefined) ?? host
}

/**
 * Rows for the person who starts this server, with the address at which the other servers get files. Empty without
 * `--nats`.
 */
export function peerRows(options: PeerOptions, port?: number): string[] {
  if (options.nats === undefined) return []
  const host = peerHostOf(options)
  const rows = [`Other servers get files from this one at ${host}, ${portsOf(options, port)}.`]
  if (isLoopback(host) && !isAtLoopback(options.nats))
    rows.push(`Servers on other machines cannot reach ${host}: choose another address with --peer-host.`)
  return rows
}

function portsOf({ peerPort = 0, workers }: PeerOptions, port: number | undefined): string {
  if (port !== undefined) return `port ${port}`
  if (peerPort === 0) return 'a free port for each worker'
  if (workers === undefined || workers === 1) return `port ${peerPort}`
  return `ports ${peerPort} to ${peerPort + workers - 1}`
}

function isAtLoopback(nats: string): boolean {
  const server = natsAddressOf(nats)?.server.replace(/^\w+:\/\//, '') ?? ''
  return isLoopback(server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))
}
