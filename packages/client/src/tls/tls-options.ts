import type { TlsCertificates, TlsClientOptions } from '@frameport/iocp-core/tls'
import type { TcpOptions } from '../tcp/tcp-options.ts'

/** What a client says of TLS. */
export interface ClientTlsOptions extends TlsClientOptions {
  /**
   * Asked for `cert`, `key`, `passphrase` and `ca` each time that the client connects, in their place: for certificates that live shorter than the client. What it throws
   * fails that attempt.
   */
  readonly certificates?: (() => TlsCertificates | Promise<TlsCertificates>) | undefined
}

/** Options of `tls()`. */
export interface TlsOptions extends TcpOptions, ClientTlsOptions {}
