import type { BackendChoice, CompletionPort, ListenOptions } from '@frameport/iocp-core'
import type { ServerCertificates, TlsServerOptions } from '@frameport/iocp-core/tls'
import type { ServerListener } from './server-listener.ts'

/** The options of a listener with TLS: its certificates, and those options of a TCP listener that apply. */
export interface TlsListenOptions extends Omit<ListenOptions, 'unixMode'>, TlsServerOptions {}

/** The options of `tls()` of `@frameport/server/tls`. */
export interface TlsOptions extends TlsListenOptions {
  /**
   * A completion port to use, which is not closed with the server. Default: the acceptor opens one and closes it with
   * the server.
   */
  readonly completionPort?: CompletionPort | undefined
  /** The I/O back end of the acceptor's own completion port. Default: `auto`. Ignored if `completionPort` is given. */
  readonly backend?: BackendChoice | undefined
}

/** A listener with TLS. Its `endpoint` is that of the TCP socket. */
export interface TlsServerListener extends ServerListener {
  /**
   * Replaces the certificates for later handshakes. Members that are not given stay as they are: `{ cert, key }` keeps
   * `ca` and `serverNames`. Open connections keep their certificates.
   *
   * ```ts
   * process.on('SIGHUP', () => listener.replaceCertificates({ cert: readFileSync(certFile), key: readFileSync(keyFile) }))
   * ```
   *
   * @throws IocpError `INVALID_CERTIFICATES`; the old certificates then stay in use
   */
  replaceCertificates(certificates: ServerCertificates): void
}
