import type { BackendChoice, CompletionPort, ListenOptions } from '@frameport/iocp-core'
import type { ServerCertificates, TlsServerOptions } from '@frameport/iocp-core/tls'
import type { ServerListener } from './server-listener.ts'

/** Options of a listener with TLS. */
export interface TlsListenOptions extends Omit<ListenOptions, 'unixMode'>, TlsServerOptions {}

/** Those of `tls()`. */
export interface TlsOptions extends TlsListenOptions {
  /** A completion port to share. Default: one of the acceptor's own, closed with the server. */
  readonly completionPort?: CompletionPort | undefined
  /** The back end of that port. Default `auto`. */
  readonly backend?: BackendChoice | undefined
}

/** A listener with TLS. Its `endpoint` is that of TCP below. */
export interface TlsServerListener extends ServerListener {
  /**
   * From now on handshakes have these certificates. What is not given stays as it was: `{ cert, key }` keeps `ca` and `serverNames`. Connections that are open keep theirs.
   *
   * ```ts
   * process.on('SIGHUP', () => listener.replaceCertificates({ cert: readFileSync(certFile), key: readFileSync(keyFile) }))
   * ```
   *
   * @throws IocpError `INVALID_CERTIFICATES`; the old ones stay in force then
   */
  replaceCertificates(certificates: ServerCertificates): void
}
