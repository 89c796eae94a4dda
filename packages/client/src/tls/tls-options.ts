import type { TlsCertificates, TlsClientOptions } from '@frameport/iocp-core/tls'
import type { TcpOptions } from '../tcp/tcp-options.ts'

/** Options of a connection with TLS. */
export interface ClientTlsOptions extends TlsClientOptions {
  /**
   * Called each time the client connects, for `cert`, `key`, `passphrase` and `ca`, which may not be given together
   * with it. Use it for certificates that expire before the client ends. If it throws, that attempt to connect fails.
   */
  readonly certificates?: (() => TlsCertificates | Promise<TlsCertificates>) | undefined
}

/** The options of `tls()`. */
export interface TlsOptions extends TcpOptions, ClientTlsOptions {}
