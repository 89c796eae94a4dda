import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

/** The result of the handshake of a connection with TLS. */
export interface TlsFacts {
  /** The version: `TLSv1.3` or `TLSv1.2`. */
  readonly version: string
  /** The cipher, as OpenSSL names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** The name of the server that the client asked for (SNI, RFC 6066 section 3), if it did. */
  readonly serverName: string | undefined
  /** The protocol (ALPN, RFC 7301): `frameport/1`, or `undefined` if the peer does not support ALPN, such as a proxy that terminates TLS. */
  readonly protocol: string | undefined
  /** The certificate of the peer, which has passed all checks. `undefined` for a client without one. */
  readonly peerCertificate: X509Certificate | undefined
}

/** The protocol name with which both sides recognise each other (ALPN). */
export const alpnProtocol = 'frameport/1'

/** Reads the facts at once, because a socket that is gone no longer has them. */
export function factsOf(socket: TLSSocket, serverName: string | undefined): TlsFacts {
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    serverName,
    protocol: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    peerCertificate: socket.getPeerX509Certificate(),
  }
}
