import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A proxy to a server that a test can cut and mend. */
export class CutProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false
  /** All connections so far, including those that were reset immediately. */
  arrived = 0

  private constructor(target: () => number) {
    this.#server = createServer((from) => {
      this.arrived += 1
      this.#keep(from)
      if (this.#isCut) return void from.resetAndDestroy()
      const to = connect(target(), '127.0.0.1')
      this.#keep(to)
      from.pipe(to).pipe(from)
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const)
        one.on('close', () => other.destroy())
    })
  }

  static async open(target: () => number): Promise<CutProxy> {
    const proxy = new CutProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Resets every connection. New ones are reset until `mend` is called. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  mend(): void {
    this.#isCut = false
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
