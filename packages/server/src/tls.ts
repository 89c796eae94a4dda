import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import { checking, readOnce, unknownName } from '@frameport/protocol/checks'
import { refusal, refuse } from './check-options.ts'
import { lazyPort } from './tcp/tcp-transport.ts'
import { wrongPort } from './tcp/wrong-port.ts'
import { type TlsAcceptor, tlsAcceptor } from './tls/tls-acceptor.ts'
import { tlsListenOptionNames } from './tls/tls-transport.ts'
import type { TlsListenOptions, TlsOptions, TlsServerListener } from './tls-options.ts'

export type { TlsAcceptor, TlsListenOptions, TlsOptions, TlsServerListener }

/**
 * Listens with TLS on a completion port:
 *
 * ```ts
 * const listener = await server.listen(tls('tls://0.0.0.0:5500', { cert, key, backend: 'net' }))
 * ```
 *
 * `server.listen('tls://0.0.0.0:5500', { cert, key })` does the same on the port of the server.
 *
 * @throws IocpError `INVALID_ENDPOINT`; ServerError `INVALID_OPTION`
 */
export function tls(endpoint: TlsEndpoint | string, given: TlsOptions): TlsAcceptor {
  const names = ['completionPort', 'backend', ...tlsListenOptionNames] as readonly (keyof TlsOptions)[]
  const { completionPort, backend, ...options } = checking(() => {
    refuse(unknownName('options', given, names))
    const read = readOnce(given, names)
    refuse(wrongPort(read))
    return read
  }, refusal)
  const port = lazyPort(completionPort, backend)
  return { ...tlsAcceptor(endpoint, options, port), release: () => port.close() }
}
