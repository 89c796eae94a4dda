import { describeValue } from '../arguments/describe-value.ts'
import { aBoolean, aNumberWithin, aText, type Reader, type Readers } from '../arguments/read-options.ts'
import type { ConnectOptions, ListenOptions } from '../contract/completion-port.ts'
import { IocpError } from '../iocp-error.ts'
import { kindOf, type TlsCertificates } from './certificates.ts'

/** How a client speaks TLS. */
export interface TlsClientOptions extends TlsCertificates {
  /**
   * The name that the certificate of the server has to have, which the server is told, too (SNI). Default: the host of the endpoint. An
   * address is checked against the addresses in the certificate.
   */
  readonly serverName?: string | undefined
}

/** How a server speaks TLS. */
export interface TlsServerOptions extends TlsCertificates {
  /**
   * Whether clients have to show a certificate, one that an authority of `ca` has issued (mTLS). `optional`: they may come without, and not with a
   * wrong one. Default false.
   */
  readonly requestClientCert?: boolean | 'optional' | undefined
  /**
   * Other certificates by the name that a client asks for (SNI): `{ 'chat.example.com': { cert, key } }`. `*.example.com` stands for one label.
   * Clients that ask for no name, or for another, get `cert`.
   */
  readonly serverNames?:
    | Readonly<Record<string, Pick<TlsCertificates, 'cert' | 'key' | 'passphrase'>>>
    | undefined
  /** How long a client may take for the handshake. Default {@link limits} `handshakeTimeoutMs`, 10 s. */
  readonly handshakeTimeoutMs?: number | undefined
}

export type TlsConnectOptions = ConnectOptions & TlsClientOptions
export type TlsListenOptions = ListenOptions & TlsServerOptions

const asGiven = (value: unknown) => value

/** The values are checked where they are used: only what is not a secret may stand in a text. */
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

/** What a listener shows and trusts, and can be given anew. */
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
