import type { TlsEndpoint } from '@frameport/iocp-core/tls'
import type { ClientTransport } from '../client-transport.ts'
import { checkTlsValues, tlsOptionNames } from './check-tls-options.ts'
import { tlsConnector } from './tls-connector.ts'

/** TLS over TCP, on a completion port. It also uses the options of TCP, which the TCP transport names and checks. */
export const tlsTransport: ClientTransport = {
  schemes: ['tls'],
  optionNames: tlsOptionNames,
  checkOptions: checkTlsValues,
  connector: (target, options) => tlsConnector(target as TlsEndpoint | string, options),
}
