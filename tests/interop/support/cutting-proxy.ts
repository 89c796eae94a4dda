import { createServer, connect as dial, type Server, type Socket } from 'node:net'

/** The number of bytes in a direction after which a connection is cut. A missing direction is not counted. */
export interface CutPlan {
  readonly toServer?: number
  readonly toClient?: number
}

/** A proxy between a client and a server, which cuts their connections while data is in flight. */
export class CuttingProxy {
  /** The plans for the next connections, in order. A connection without a plan is not cut. */
  readonly plans: CutPlan[] = []
  /** The number of connections that were cut, by a plan or by {@link cut}. */
  cuts = 0
  connections = 0
  readonly #server: Server
  readonly #targetPort: number
  readonly #pairs = new Set<readonly [Socket, Socket]>()

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#join(client))
  }

  static async listen(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { readonly port: number }).port
  }

  /** Cuts all current connections. */
  cut(): void {
    for (const pair of [...this.#pairs]) this.#cut(pair)
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #join(client: Socket): void {
    this.connections += 1
    const { toServer = Number.POSITIVE_INFINITY, toClient = Number.POSITIVE_INFINITY } =
      this.plans.shift() ?? {}
    const server = dial(this.#targetPort, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => this.#forget(pair))
      socket.on('close', () => this.#forget(pair))
    }
    this.#forward(pair, client, server, toServer)
    this.#forward(pair, server, client, toClient)
  }

  #forward(pair: readonly [Socket, Socket], from: Socket, to: Socket, bytesMax: number): void {
    let left = bytesMax
    from.on('data', (chunk) => {
      if (chunk.length > left) {
        // Usually inside a frame.
        from.removeAllListeners('data').pause()
        to.write(chunk.subarray(0, left), () => this.#cut(pair))
        return
      }
      left -= chunk.length
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
    from.on('end', () => to.end())
  }

  #cut(pair: readonly [Socket, Socket]): void {
    if (!this.#forget(pair)) return
    this.cuts += 1
  }

  #forget(pair: readonly [Socket, Socket]): boolean {
    for (const socket of pair) socket.destroy()
    return this.#pairs.delete(pair)
  }
}
