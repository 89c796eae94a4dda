import type {
  CompletionPort,
  Connection,
  ConnectOptions,
  Listener,
  ListenOptions,
  SocketOptions,
} from '../../src/index.ts'

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
  port: CompletionPort,
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

/** Both ends of one connection, neither started. The options of sockets are those of both ends. */
export async function pair(
  port: CompletionPort,
  { signal, ...options }: SocketOptions & Pick<ConnectOptions, 'signal'> = {},
  endpoint?: string,
): Promise<Pair> {
  const { listener, next } = await accepting(port, options, endpoint)
  const connecting = signal === undefined ? options : { ...options, signal }
  const [client, server] = await Promise.all([port.connect(listener.endpoint, connecting), next()])
  return { listener, client, server }
}
