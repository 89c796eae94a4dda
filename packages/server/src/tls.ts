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
 * Creates an acceptor for TLS 1.2 or later, with its own completion port unless one is given.
 * `server.listen('tls://0.0.0.0:5500', { cert, key })` does the same on the completion port of the server.
 *
 * @example
 * ```ts
 * const listener = await server.listen(tls('tls://0.0.0.0:5500', { cert, key, backend: 'net' }))
 * ```
 *
 * @param endpoint `tls://HOST:PORT` or an endpoint object. Port 0 chooses a free port
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
