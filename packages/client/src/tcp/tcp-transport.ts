import type { Endpoint } from '@frameport/iocp-core'
import type { ClientTransport } from '../client-transport.ts'
import { checkTcpValues, tcpOptionNames } from './check-tcp-options.ts'
import { tcpConnector } from './tcp-connector.ts'

/** TCP and unix sockets, on a completion port. */
export const tcpTransport: ClientTransport = {
  schemes: ['tcp', 'unix'],
  optionNames: tcpOptionNames,
  checkOptions: checkTcpValues,
  connector: (target, options) => tcpConnector(target as Endpoint | string, options),
}
