import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One address for several servers: new connections go to each of the active servers in turn. It only sees bytes. */
export class Balancer {
  readonly #server = createServer((socket) => this.#connect(socket))
  readonly #sockets = new Set<Socket>()
  readonly #ports: number[] = []
  #next = 0

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** New connections may go to this server. */
  add(url: string): void {
    this.#ports.push(portOf(url))
  }

  /** New connections no longer go to this server. */
  remove(url: string): void {
    const index = this.#ports.indexOf(portOf(url))
    if (index >= 0) this.#ports.splice(index, 1)
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #connect(client: Socket): void {
    const port = this.#ports[this.#next++ % this.#ports.length]
    if (port === undefined) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port, host: '127.0.0.1' })
    this.#join(client, server)
    this.#join(server, client)
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroySoon()
    })
  }
}

const portOf = (url: string) => Number(new URL(url).port)
