import type { IocpErrorCode } from '../error-codes.ts'
import { IocpError } from '../iocp-error.ts'

/** Which of both sides found something wrong with what. */
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
  what: 'no authority that is trusted here has issued the certificate of the peer',
  fix: 'Give ca the certificate of the authority that issued it, and let the peer send those between both with its own.',
} as const

/**
 * Codes of node:tls: those of X.509 (`tls.TLSSocket.authorizationError`), and of OpenSSL as Node names them. The alerts are those of
 * RFC 8446, section 6.2.
 */
const explanations: Readonly<Record<string, Explanation>> = {
  CERT_HAS_EXPIRED: {
    code: refusedHere,
    what: 'the certificate of the peer has expired, or one between it and the root',
    fix: 'Renew it there, and check the clock of this machine.',
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
    fix: 'A server needs serverAuth in it, a client clientAuth.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: refusedHere,
    what: 'the certificate of the peer is for another name',
    fix: 'Connect by a name that is in it, or give serverName one of those.',
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
    what: 'the client showed no certificate, which is required here',
    fix: 'Give the client cert and key.',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    code: refusedThere,
    what: 'it requires a certificate of its clients',
    fix: 'Give cert and key.',
  },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: {
    code: refusedThere,
    what: 'it does not trust the authority that issued the certificate of this side',
    fix: 'Give the other side that authority as ca, or this one a certificate of an authority that is trusted there.',
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
    what: 'it does not take the certificate of this side',
  },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: {
    code: refusedThere,
    what: 'it does not take the certificate of this side',
  },
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: {
    code: refusedThere,
    what: 'it speaks TLS, and not Frameport (ALPN frameport/1)',
    fix: 'Check the port.',
  },
  ERR_SSL_NO_APPLICATION_PROTOCOL: {
    code: 'TLS_FAILED',
    what: 'the client asked for another protocol than Frameport (ALPN frameport/1)',
    fix: 'A browser or another program has the wrong port.',
  },
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: {
    code: refusedThere,
    what: 'it does not speak the versions of TLS of this side',
  },
  ERR_SSL_UNSUPPORTED_PROTOCOL: {
    code: 'TLS_FAILED',
    what: 'the peer speaks only versions of TLS that are not safe any more: TLS 1.2 is the least',
  },
  ERR_TLS_HANDSHAKE_TIMEOUT: {
    code: 'TLS_FAILED',
    what: 'the client has not finished the handshake in time',
    fix: 'The client or the network is slow; a higher handshakeTimeoutMs waits longer.',
  },
  ERR_SSL_NO_SHARED_CIPHER: { code: 'TLS_FAILED', what: 'the two sides have no cipher in common' },
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {
    code: refusedThere,
    what: 'the two sides have no cipher in common, or it has no certificate for them',
  },
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: { code: refusedThere, what: 'it does not know the name of the server' },
}

/** What OpenSSL says when bytes are no TLS at all. */
const notTls: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_RECORD_LAYER_FAILURE',
])

/**
 * What an error of node:tls means: which check failed on which side, and what to do.
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

/** Node says which names there are, as the reason of the error. */
function namesIn(error: unknown): string {
  const { reason } = error as { readonly reason?: unknown }
  return typeof reason === 'string' ? ` (${reason.replace(/\.$/, '')})` : ''
}
