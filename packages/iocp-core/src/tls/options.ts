import { describeValue } from '../arguments/describe-value.ts'
import { aBoolean, aNumberWithin, aText, type Reader, type Readers } from '../arguments/read-options.ts'
import type { ConnectOptions, ListenOptions } from '../contract/completion-port.ts'
import { IocpError } from '../iocp-error.ts'
import { kindOf, type TlsCertificates } from './certificates.ts'

/** Options of TLS for a client. */
export interface TlsClientOptions extends TlsCertificates {
  /**
   * The name that must be in the certificate of the server. It is also sent to the server (SNI, RFC 6066 section 3). Default: the host of the
   * endpoint. An IP address is not sent, but checked against the addresses in the certificate.
   */
  readonly serverName?: string | undefined
}

/** Options of TLS for a server. */
export interface TlsServerOptions extends TlsCertificates {
  /**
   * Whether clients need a certificate that an authority in `ca` has issued (mTLS). `optional`: a client may have none, but one with an invalid
   * certificate is rejected. It requires `ca`. Default false.
   */
  readonly requestClientCert?: boolean | 'optional' | undefined
  /**
   * Further certificates, by the name that a client asks for (SNI): `{ 'chat.example.com': { cert, key } }`. The asterisk in `*.example.com` stands
   * for one label (RFC 6125, section 6.4.3). Clients that ask for no name, or for another one, get `cert`. Default: none.
   */
  readonly serverNames?:
    | Readonly<Record<string, Pick<TlsCertificates, 'cert' | 'key' | 'passphrase'>>>
    | undefined
  /** The time limit of the handshake, in milliseconds, from 1 to 2^31 − 1. Default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined
}

/** Options of `connectTls`: those of `port.connect`, and those of TLS. */
export type TlsConnectOptions = ConnectOptions & TlsClientOptions
/** Options of `listenTls`: those of `port.listen`, and those of TLS. `cert` and `key` are required. */
export type TlsListenOptions = ListenOptions & TlsServerOptions

const asGiven = (value: unknown) => value

/** The values are checked where they are used: no secret may appear in a message. */
const certificateReaders = {
  cert: asGiven as Reader<NonNullable<TlsCertificates['cert']>>,
  key: asGiven as Reader<NonNullable<TlsCertificates['key']>>,
  passphrase: ((value, name) => {
    if (typeof value === 'string') return value
    throw new IocpError('INVALID_ARGUMENT', { detail: `${name} is not a string` })
  }) as Reader<string>,
  ca: asGiven as Reader<NonNullable<TlsCertificates['ca']>>,
}

export const clientReaders: Readers<TlsClientOptions> = { ...certificateReaders, serverName: aText }

/** The options of a listener that `replaceCertificates` can change. */
export const serverCertificateReaders: Readers<TlsCertificates & Pick<TlsServerOptions, 'serverNames'>> = {
  ...certificateReaders,
  serverNames(value, name) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as NonNullable<TlsServerOptions['serverNames']>
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `${name} is ${kindOf(value)}, not an object with certificates by name`,
    })
  },
}

export const serverReaders: Readers<TlsServerOptions> = {
  ...serverCertificateReaders,
  handshakeTimeoutMs: aNumberWithin('handshakeTimeoutMs'),
  requestClientCert(value, name) {
    if (value === 'optional') return value
    if (typeof value === 'boolean') return aBoolean(value, name)
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `${name} is ${describeValue(value)}, not true, false or 'optional'`,
    })
  },
}
