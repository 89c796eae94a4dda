import { type Endpoint, endpointUrl, parseEndpoint } from '@frameport/iocp-core'
import type { Connector } from '../connector.ts'
import { parsedTarget } from './parsed-target.ts'
import { portConnector } from './port-connector.ts'
import type { TcpOptions } from './tcp-options.ts'

/**
 * The connector of `tcp()`, for options that have been checked. Those of a client may be among them.
 *
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError of an endpoint that is none
 */
export function tcpConnector(endpoint: Endpoint | string, options: TcpOptions): Connector {
  const parsed = parsedTarget<Endpoint & { readonly port?: number }>(
    () => parseEndpoint(endpoint),
    endpointUrl,
  )
  return portConnector(endpointUrl(parsed), options, (port, how) => port.connect(parsed, how))
}
