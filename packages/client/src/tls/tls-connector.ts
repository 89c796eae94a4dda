import {
  connectTls,
  parseTlsEndpoint,
  type TlsCertificates,
  type TlsEndpoint,
  tlsUrl,
} from '@frameport/iocp-core/tls'
import type { Connector } from '../connector.ts'
import { ownWatermarks } from '../tcp/own-port.ts'
import { parsedTarget } from '../tcp/parsed-target.ts'
import { portConnector } from '../tcp/port-connector.ts'
import type { TlsOptions } from './tls-options.ts'

/**
 * The connector of `tls()`, for checked options, which may include those of a client.
 *
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError for an invalid endpoint
 */
export function tlsConnector(endpoint: TlsEndpoint | string, options: TlsOptions): Connector {
  const below = parsedTarget(() => parseTlsEndpoint(endpoint), tlsUrl)
  const { cert, key, passphrase, ca, serverName, certificates } = options
  return portConnector(tlsUrl(below), options, async (port, how) => {
    const shown = certificates === undefined ? { cert, key, passphrase, ca } : shownOf(await certificates())
    return connectTls(port, { ...below, kind: 'tls' }, { ...how, ...shown, serverName }, ownWatermarks)
  })
}

/** Other members of the result of the user's function are ignored. */
function shownOf(given: unknown): TlsCertificates {
  if (typeof given !== 'object' || given === null)
    throw new Error(
      `the function certificates returned ${given === null ? 'null' : `a ${typeof given}`}, not an object with cert, key and ca`,
    )
  const { cert, key, passphrase, ca } = given as TlsCertificates
  return { cert, key, passphrase, ca }
}
