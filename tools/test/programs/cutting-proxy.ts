import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly url: string
  /** The number of connections so far. */
  connections(): number
  close(): Promise<void>
}

/**
 * A proxy for a server. After this many bytes, it cuts or stalls its first connection. It does not disturb later ones.
 */
export async function startCuttingProxy(
  url: string,
  afterBytes: number,
  what: 'cut' | 'stall' = 'cut',
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let connections = 0
  const proxy = createServer((client) => {
    connections += 1
    const isFirst = connections === 1
    const server = connect(Number(port), hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      // A reset on one side is passed on as the end of the other side.
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          server.destroy()
        })
    }
    client.pipe(server)
    server.pipe(client)
    let passed = 0
    server.on('data', (bytes) => {
      passed += bytes.length
      if (!isFirst || passed < afterBytes) return
      if (what === 'cut') client.destroy()
      else server.unpipe(client).pause()
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
