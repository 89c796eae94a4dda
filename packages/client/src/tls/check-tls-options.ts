import { checking, readOnce, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import { checkTcpValues, tcpOptionNames } from '../tcp/check-tcp-options.ts'
import type { ClientTlsOptions, TlsOptions } from './tls-options.ts'

/** Names of {@link ClientTlsOptions}. */
export const tlsOptionNames: readonly (keyof ClientTlsOptions)[] = [
  'cert',
  'key',
  'passphrase',
  'ca',
  'serverName',
  'certificates',
]

/**
 * Checks the options of `tls()`, and reads each once.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkTlsOptions(options: TlsOptions): TlsOptions {
  return checking(() => {
    const names = [...tcpOptionNames, ...tlsOptionNames]
    refuse(unknownName('options', options, names))
    const given = readOnce(options, names)
    checkTcpValues(given)
    checkTlsValues(given)
    return given
  }, refusal)
}

/**
 * Checks the TLS options among the options of a client. The certificates themselves are checked when they are used.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkTlsValues({
  serverName,
  passphrase,
  certificates,
  cert,
  key,
  ca,
}: ClientTlsOptions): void {
  refuse(wrongKind('serverName', serverName, 'string'))
  refuse(wrongKind('certificates', certificates, 'function'))
  // The text omits the value, which is a secret.
  if (passphrase !== undefined && typeof passphrase !== 'string') refuse('passphrase is not a string')
  const others = Object.entries({ cert, key, passphrase, ca }).filter(([, value]) => value !== undefined)
  if (certificates !== undefined && others.length > 0)
    refuse(
      `certificates is given together with ${others.map(([name]) => name).join(', ')}, which it replaces`,
    )
}
