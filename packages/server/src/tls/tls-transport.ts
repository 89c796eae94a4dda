import type { TlsEndpoint, TlsServerOptions } from '@frameport/iocp-core/tls'
import type { ServerTransport } from '../server-transport.ts'
import type { LazyPort } from '../tcp/tcp-acceptor.ts'
import { listenOptionNames } from '../tcp/tcp-transport.ts'
import { tlsAcceptor } from './tls-acceptor.ts'

const tlsNames: Readonly<Record<keyof TlsServerOptions, true>> = {
  cert: true,
  key: true,
  passphrase: true,
  ca: true,
  requestClientCert: true,
  serverNames: true,
  handshakeTimeoutMs: true,
}

/** The names of the listener options. The port checks their values. */
export const tlsListenOptionNames: readonly string[] = [
  ...listenOptionNames.filter((name) => name !== 'unixMode'),
  ...Object.keys(tlsNames),
]

/** TLS on the completion port of the other listeners, which closes it. */
export function tlsTransport(port: LazyPort): ServerTransport {
  return {
    schemes: ['tls'],
    optionNames: tlsListenOptionNames,
    acceptor: (target, options) => tlsAcceptor(target as TlsEndpoint | string, options, port),
    close: async () => undefined,
  }
}
