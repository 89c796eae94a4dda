import type { SecureContext } from 'node:tls'
import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'
import { kindOf, secureContextOf, type TlsCertificates } from './certificates.ts'
import type { TlsServerOptions } from './options.ts'

/** The certificates of a server: its own, those by name, and the authorities of its clients. */
export type ServerCertificates = TlsCertificates & Pick<TlsServerOptions, 'serverNames'>

/** The certificates for the clients that request a name. */
export class NamedContexts {
  readonly #byName = new Map<string, SecureContext>()

  /** @throws IocpError `INVALID_CERTIFICATES` */
  constructor({ serverNames = {}, ca }: ServerCertificates, whose: string) {
    for (const [name, given] of Object.entries(serverNames)) {
      const ofName = `${whose}, for ${describeValue(name)}`
      if (typeof given !== 'object' || given === null)
        throw new IocpError('INVALID_CERTIFICATES', {
          detail: `${ofName}: the value is ${kindOf(given)}, not an object`,
        })
      const { cert, key, passphrase } = given
      if (cert === undefined)
        throw new IocpError('INVALID_CERTIFICATES', { detail: `${ofName}: cert is missing` })
      this.#byName.set(name.toLowerCase(), secureContextOf({ cert, key, passphrase, ca }, ofName))
    }
  }

  /** `*.example.com` stands for one label (RFC 6125, section 6.4.3). */
  of(name: string): SecureContext | undefined {
    // A name may end with the dot of the root.
    const asked = name.toLowerCase().replace(/\.$/, '')
    return this.#byName.get(asked) ?? this.#byName.get(asked.replace(/^[^.]+/, '*'))
  }
}
