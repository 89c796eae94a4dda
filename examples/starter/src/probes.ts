import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an orchestrator asks over HTTP. `/live`: is the process well? `/ready`: may clients be sent here? */
export interface Probes {
  readonly port: number
  close(): void
}

export async function listenForProbes(host: string, port: number, isReady: () => boolean): Promise<Probes> {
  const server = createServer(({ url }, response) => {
    const known = url === '/live' || url === '/ready'
    response.writeHead(!known ? 404 : url === '/live' || isReady() ? 200 : 503).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
