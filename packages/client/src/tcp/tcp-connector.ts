import { type Endpoint, endpointUrl, parseEndpoint } from '@frameport/iocp-core'
import type { Connector } from '../connector.ts'
import { parsedTarget } from './parsed-target.ts'
import { portConnector } from './port-connector.ts'
import type { TcpOptions } from './tcp-options.ts'

/**
 * The connector of `tcp()`, for checked options, which may include those of a client.
 *
 * @throws ClientError `INVALID_TARGET`; its cause is the IocpError for an invalid endpoint
 */
export function tcpConnector(endpoint: Endpoint | string, options: TcpOptions): Connector {
  const parsed = parsedTarget<Endpoint & { readonly port?: number }>(
    () => parseEndpoint(endpoint),
    endpointUrl,
  )
  return portConnector(endpointUrl(parsed), options, (port, how) => port.connect(parsed, how))
}
