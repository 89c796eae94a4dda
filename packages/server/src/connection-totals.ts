import type { ServerConnection } from './connection-types.ts'

/** What the connections of a server have carried so far. */
export class ConnectionTotals {
  /** Of those that are gone. */
  #bytesReceived = 0
  #bytesSent = 0

  left(connection: ServerConnection): void {
    const { bytesReceived, bytesSent } = connection.stats().totals
    this.#bytesReceived += bytesReceived
    this.#bytesSent += bytesSent
  }

  /** @param connections that are there */
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
