import { constants, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { IocpError } from '../iocp-error.ts'

/** PEM (RFC 7468), as a string or its bytes. */
export type Pem = string | Uint8Array

/** The certificate of one side of TLS, and the authorities it trusts. */
export interface TlsCertificates {
  /** The certificate of this side, followed by the intermediate certificates. PEM, not the path of a file. */
  readonly cert?: Pem | readonly Pem[] | undefined
  /** The private key of `cert`. */
  readonly key?: Pem | readonly Pem[] | undefined
  /** The passphrase of an encrypted `key`. */
  readonly passphrase?: string | undefined
  /** The certificates of the authorities that may have issued the certificate of the peer. Default: those that the runtime trusts. */
  readonly ca?: Pem | readonly Pem[] | undefined
}

/**
 * Parses certificates for OpenSSL once, which takes some hundred microseconds, instead of for each connection.
 *
 * @param whose begins the text of an error: `the certificates of tls://0.0.0.0:5500`
 * @throws IocpError `INVALID_CERTIFICATES`
 */
export function secureContextOf(certificates: TlsCertificates, whose: string): SecureContext {
  const { cert, key, ca } = certificates
  for (const [name, given] of [
    ['cert', cert],
    ['key', key],
    ['ca', ca],
  ] as const)
    checkPem(name, given, whose)
  if (ca !== undefined) checkAuthorities(ca, whose)
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key']
    throw invalid(whose, `${given} is given, but ${missing} is missing`)
  }
  try {
    return createSecureContext(contextOptionsOf(certificates))
  } catch (cause) {
    throw invalid(whose, problemOf(cause), cause)
  }
}

/**
 * The certificates as options of node:tls, with the settings that are the same everywhere: no version before TLS 1.2; no renegotiation, with which a
 * peer could keep this side busy; no tickets, because a resumed session of TLS does not check certificates again.
 */
export function contextOptionsOf({ cert, key, passphrase, ca }: TlsCertificates): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    ...(cert === undefined ? {} : { cert: asNode(cert) }),
    ...(key === undefined ? {} : { key: asNode(key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ca === undefined ? {} : { ca: asNode(ca) }),
  }
}

function asNode(given: Pem | readonly Pem[]): string | Buffer | (string | Buffer)[] {
  if (typeof given === 'string') return given
  return given instanceof Uint8Array
    ? asBuffer(given)
    : given.map((one) => (typeof one === 'string' ? one : asBuffer(one)))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function checkPem(name: string, given: unknown, whose: string): void {
  if (given === undefined) return
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (all.length === 0) throw invalid(whose, `${name} is an empty array`)
  for (const one of all) {
    if (typeof one !== 'string' && !(one instanceof Uint8Array))
      throw invalid(whose, `${name} is ${kindOf(one)}, neither a string nor bytes`)
    const text = textOf(one)
    if (text.includes('-----BEGIN ')) continue
    const looksLikePath = typeof one === 'string' && one.length < 4_096 && !one.includes('\n')
    const hint = looksLikePath ? ': it looks like the path of a file, so read that file first' : ''
    // Not the value: a key must not appear in a log.
    throw invalid(whose, `${name} is not PEM (no line begins with -----BEGIN)${hint}`)
  }
}

/** OpenSSL silently ignores authorities that it cannot parse. */
function checkAuthorities(ca: Pem | readonly Pem[], whose: string): void {
  const texts = (Array.isArray(ca) ? (ca as readonly Pem[]) : [ca as Pem]).map(textOf)
  for (const text of texts) {
    const certificates = text.match(wholeCertificate) ?? []
    if (certificates.length !== text.split('-----BEGIN ').length - 1)
      throw invalid(whose, 'ca contains something other than complete certificates')
    for (const certificate of certificates) {
      try {
        new X509Certificate(certificate)
      } catch (cause) {
        throw invalid(whose, 'ca contains a certificate that cannot be parsed', cause)
      }
    }
  }
}

const wholeCertificate =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g

function textOf(pem: Pem): string {
  return typeof pem === 'string' ? pem : asBuffer(pem).toString('latin1')
}

/** The kind of a value that may hold a key. Nothing of the value itself is shown. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The error of OpenSSL in words. */
function problemOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'key is not the key of cert'
  if (code === 'ERR_OSSL_BAD_DECRYPT') return 'passphrase does not decrypt key'
  if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED')
    return 'key is encrypted, and passphrase is missing'
  return `OpenSSL cannot use them (${String(code ?? message)})`
}

function invalid(whose: string, why: string, cause?: unknown): IocpError {
  return new IocpError('INVALID_CERTIFICATES', { detail: `${whose}: ${why}`, cause })
}
