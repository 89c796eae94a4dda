import type { IocpErrorCode } from '../error-codes.ts'
import { IocpError } from '../iocp-error.ts'

/** Which side found an error, and in what. */
interface Explanation {
  readonly code: IocpErrorCode
  /** What happened. It follows the address. */
  readonly what: string
  readonly fix?: string
}

const refusedHere = 'CERTIFICATE_REFUSED'
const refusedThere = 'REFUSED_BY_PEER'

const untrusted = {
  code: refusedHere,
  what: 'the certificate of the peer was not issued by an authority that this side trusts',
  fix: 'Add the certificate of the issuing authority to ca, and let the peer send the intermediate certificates with its own.',
} as const

/**
 * Codes of node:tls: those of X.509 (`tls.TLSSocket.authorizationError`), and of OpenSSL as Node names them. The alerts are those of
 * RFC 8446, section 6.2.
 */
const explanations: Readonly<Record<string, Explanation>> = {
  CERT_HAS_EXPIRED: {
    code: refusedHere,
    what: 'the certificate of the peer, or one in its chain, has expired',
    fix: 'Renew it on the peer, and check the clock of this machine.',
  },
  CERT_NOT_YET_VALID: {
    code: refusedHere,
    what: 'the certificate of the peer is not valid yet',
    fix: 'Check the clocks of both machines.',
  },
  CERT_REVOKED: { code: refusedHere, what: 'the certificate of the peer was revoked' },
  INVALID_PURPOSE: {
    code: refusedHere,
    what: 'the certificate of the peer is for another purpose (extended key usage)',
    fix: 'The certificate of a server needs serverAuth, that of a client clientAuth.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: refusedHere,
    what: 'the certificate of the peer is for another name',
    fix: 'Connect to a name that is in the certificate, or set serverName to one.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: {
    code: refusedHere,
    what: 'the client sent no certificate, but this side requires one',
    fix: 'Give the client cert and key.',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    code: refusedThere,
    what: 'it requires a client certificate',
    fix: 'Give cert and key.',
  },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: {
    code: refusedThere,
    what: 'it does not trust the authority that issued the certificate of this side',
    fix: 'Add that authority to ca on the other side, or use a certificate from an authority that the other side trusts.',
  },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: {
    code: refusedThere,
    what: 'the certificate of this side has expired',
    fix: 'Renew it.',
  },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: {
    code: refusedThere,
    what: 'the certificate of this side was revoked',
  },
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: {
    code: refusedThere,
    what: 'it does not accept the certificate of this side',
  },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: {
    code: refusedThere,
    what: 'it does not accept the certificate of this side',
  },
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: {
    code: refusedThere,
    what: 'it speaks TLS, but not Frameport (ALPN frameport/1)',
    fix: 'Check the port.',
  },
  ERR_SSL_NO_APPLICATION_PROTOCOL: {
    code: 'TLS_FAILED',
    what: 'the client asked for a protocol other than Frameport (ALPN frameport/1)',
    fix: 'A browser or another program may use the wrong port.',
  },
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: {
    code: refusedThere,
    what: 'it supports none of the TLS versions of this side',
  },
  ERR_SSL_UNSUPPORTED_PROTOCOL: {
    code: 'TLS_FAILED',
    what: 'the peer supports only insecure versions of TLS; the minimum is TLS 1.2',
  },
  ERR_TLS_HANDSHAKE_TIMEOUT: {
    code: 'TLS_FAILED',
    what: 'the client did not finish the handshake in time',
    fix: 'The client or the network is slow: raise handshakeTimeoutMs to wait longer.',
  },
  ERR_SSL_NO_SHARED_CIPHER: { code: 'TLS_FAILED', what: 'the two sides have no cipher in common' },
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {
    code: refusedThere,
    what: 'the two sides have no cipher in common, or the peer has no certificate for one',
  },
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: { code: refusedThere, what: 'it does not know the name of the server' },
}

/** OpenSSL's messages for bytes that are not TLS. */
const notTls: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_RECORD_LAYER_FAILURE',
])

/**
 * The meaning of an error of node:tls: which check failed on which side, and what to do.
 *
 * @param where the address of the peer
 */
export function explainTls(error: unknown, where: string): IocpError {
  if (IocpError.is(error)) return error
  const { code: given, message } = error as { readonly code?: unknown; readonly message?: unknown }
  const code = typeof given === 'string' ? given : ''
  if (notTls.has(code))
    return new IocpError('TLS_NOT_SPOKEN', { detail: where, cause: error, systemCode: code })
  const found = explanations[code]
  if (found !== undefined) {
    const more = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? namesIn(error) : ''
    const fix = found.fix === undefined ? {} : { fix: found.fix }
    return new IocpError(found.code, {
      detail: `${where}: ${found.what}${more}`,
      systemCode: code,
      cause: error,
      ...fix,
    })
  }
  if (code.startsWith('E') && !code.startsWith('ERR_')) return IocpError.from(error, 'receive', where)
  return new IocpError('TLS_FAILED', {
    detail: `${where} (${code === '' ? String(message) : code})`,
    systemCode: code,
    cause: error,
  })
}

/** Node lists the valid names as the reason of the error. */
function namesIn(error: unknown): string {
  const { reason } = error as { readonly reason?: unknown }
  return typeof reason === 'string' ? ` (${reason.replace(/\.$/, '')})` : ''
}
