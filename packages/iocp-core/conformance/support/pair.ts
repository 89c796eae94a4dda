import type { Connection, ConnectOptions, Listener, ListenOptions, Port } from '../../src/index.ts'

export interface Pair {
  readonly listener: Listener
  /** The side that connected. */
  readonly client: Connection
  /** The side that was accepted. */
  readonly server: Connection
}

/** A listener whose accepted connections can be awaited one after the other. */
export interface Accepting {
  readonly listener: Listener
  next(): Promise<Connection>
}

export async function accepting(
  port: Port,
  options: ListenOptions = {},
  endpoint = 'tcp://127.0.0.1:0',
): Promise<Accepting> {
  const arrived: Connection[] = []
  const waiting: ((connection: Connection) => void)[] = []
  const listener = await port.listen(
    endpoint,
    (connection) => {
      const take = waiting.shift()
      if (take === undefined) arrived.push(connection)
      else take(connection)
    },
    options,
  )
  return {
    listener,
    next() {
      const connection = arrived.shift()
      if (connection !== undefined) return Promise.resolve(connection)
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}

/** Both ends of one connection, neither started. */
export async function pair(
  port: Port,
  options: ListenOptions & ConnectOptions = {},
  endpoint?: string,
): Promise<Pair> {
  const { listener, next } = await accepting(port, options, endpoint)
  const [client, server] = await Promise.all([port.connect(listener.endpoint, options), next()])
  return { listener, client, server }
}
