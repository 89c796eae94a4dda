import type { ClientTransport } from '../client-transport.ts'
import { checkWsValues, wsOptionNames } from './check-ws-options.ts'
import { wsConnector } from './ws-connector.ts'

/** WebSockets, of the platform or of a package. */
export const wsTransport: ClientTransport = {
  schemes: ['ws', 'wss'],
  optionNames: wsOptionNames,
  checkOptions: checkWsValues,
  connector: (target, options) => wsConnector(target as string, options),
}
