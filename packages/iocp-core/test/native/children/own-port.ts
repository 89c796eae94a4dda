import { type BackendName, type Connection, createCompletionPort, IocpError } from '../../../src/index.ts'

/*
 * A process of processes.ts with a port of its own: own-port.ts BACKEND. It answers every connection with its process
 * id and does what its parent asks.
 */
const port = createCompletionPort({ backend: process.argv[2] as BackendName })
let last: Connection | undefined

function serve(connection: Connection): void {
  last = connection
  connection.start({ data() {}, end: () => connection.end(), drain() {}, close() {} })
  connection.send(new TextEncoder().encode(`${process.pid}\n`))
}

async function answer(message: Asked): Promise<Answer> {
  if ('listen' in message) {
    try {
      const { url } = await port.listen(message.listen, serve, { reusePort: message.reusePort })
      return { url }
    } catch (error) {
      return { code: IocpError.is(error) ? error.code : String(error) }
    }
  }
  if ('handOver' in message) {
    try {
      // A connection of a port where node expects a socket of its own.
      process.send?.({}, last as never)
      return { code: 'handed over' }
    } catch (error) {
      return { code: String((error as NodeJS.ErrnoException).code) }
    }
  }
  await port.close()
  // Nothing holds this process any more: it must end by itself.
  process.disconnect()
  return {}
}

export type Asked =
  | { readonly listen: string; readonly reusePort: boolean }
  | { readonly handOver: true }
  | { readonly close: true }

export interface Answer {
  readonly url?: string
  readonly code?: string
}

process.on('message', (message: Asked) => {
  answer(message).then((given) => {
    if (process.connected) process.send?.(given)
  })
})
process.send?.({})
