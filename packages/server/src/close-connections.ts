import type { SessionHost } from '@frameport/protocol/session'
import type { ServedConnection } from './served-connection.ts'

interface CloseOptions {
  readonly graceMs?: number | undefined
}

/**
 * Closes all connections, spread over turns of the event loop, because there may be many. Settles when all have closed,
 * and never rejects.
 *
 * @param connections loses those that cannot be closed in order
 */
export function closeConnections(
  connections: Set<ServedConnection>,
  endings: SessionHost['endings'],
  options: CloseOptions,
): Promise<unknown> {
  const closing: Promise<void>[] = []
  return new Promise((resolve) => {
    function* steps(): Generator<void> {
      for (const connection of connections) {
        closing.push(closeConnection(connections, connection, options))
        yield
      }
      resolve(Promise.all(closing))
    }
    endings.add(steps())
  })
}

/** A stream that throws ends its own connection. It stops neither other connections nor the server from closing. */
async function closeConnection(
  connections: Set<ServedConnection>,
  connection: ServedConnection,
  options: CloseOptions,
): Promise<void> {
  try {
    await connection.close(options)
  } catch (err) {
    connection.log.error({ connection: connection.id, err }, 'a connection could not be closed in order')
    giveUp(connection, 'the connection could not be closed in order', err)
    connections.delete(connection)
  }
}

function giveUp(connection: ServedConnection, message: string, cause: unknown): void {
  try {
    connection.giveUp(message, cause)
  } catch (err) {
    connection.log.error(
      { connection: connection.id, err },
      'the stream of a connection could not be aborted',
    )
  }
}
