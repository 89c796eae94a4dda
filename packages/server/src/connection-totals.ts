import type { ServerConnection } from './connection-types.ts'

/** The bytes that the connections of a server have transferred so far. */
export class ConnectionTotals {
  /** The bytes of closed connections. */
  #bytesReceived = 0
  #bytesSent = 0

  left(connection: ServerConnection): void {
    const { bytesReceived, bytesSent } = connection.stats().totals
    this.#bytesReceived += bytesReceived
    this.#bytesSent += bytesSent
  }

  /** @param connections the current ones */
  now(connections: Iterable<ServerConnection>): {
    readonly bytesReceived: number
    readonly bytesSent: number
    readonly queuedBytes: number
  } {
    let [bytesReceived, bytesSent, queuedBytes] = [this.#bytesReceived, this.#bytesSent, 0]
    for (const connection of connections) {
      const { totals } = connection.stats()
      bytesReceived += totals.bytesReceived
      bytesSent += totals.bytesSent
      queuedBytes += connection.queuedBytes
    }
    return { bytesReceived, bytesSent, queuedBytes }
  }
}
