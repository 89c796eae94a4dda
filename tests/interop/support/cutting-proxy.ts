import { createServer, connect as dial, type Server, type Socket } from 'node:net'

/** After how many bytes of a direction a connection is cut. A direction that is absent is not counted. */
export interface CutPlan {
  readonly toServer?: number
  readonly toClient?: number
}

/** Stands between a client and a server, and cuts their connections in the middle of what is under way. */
export class CuttingProxy {
  /** Of the connections to come, in their order; one without a plan is not cut. */
  readonly plans: CutPlan[] = []
  /** Connections that were cut, by a plan or by {@link cut}. */
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

  /** Cuts all connections of now. */
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
        // As a rule that ends inside a frame.
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
