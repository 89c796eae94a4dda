import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

/** What the handshake of a TLS connection has settled. */
export interface TlsFacts {
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly version: string
  /** As OpenSSL names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** By which the client has asked for the server (SNI, RFC 6066 section 3), if it did. */
  readonly serverName: string | undefined
  /** `frameport/1`, or undefined where the peer does not know of protocols (ALPN, RFC 7301): behind a proxy that ends TLS. */
  readonly protocol: string | undefined
  /** Of the peer, checked. Undefined of a client that has shown none. */
  readonly peerCertificate: X509Certificate | undefined
}

/** The protocol by which both sides know each other (ALPN). */
export const alpnProtocol = 'frameport/1'

/** Now: a socket that is gone says nothing any more. */
export function factsOf(socket: TLSSocket, serverName: string | undefined): TlsFacts {
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    serverName,
    protocol: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    peerCertificate: socket.getPeerX509Certificate(),
  }
}
