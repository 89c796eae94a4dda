import { type BackendName, type Connection, createCompletionPort, IocpError } from '../../../src/index.ts'

/*
 * A child process of processes.ts with its own port: own-port.ts BACKEND. It answers every connection with its process
 * id and does what its parent asks for.
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
      // Passes a connection of a port where Node.js expects its own socket.
      process.send?.({}, last as never)
      return { code: 'handed over' }
    } catch (error) {
      return { code: String((error as NodeJS.ErrnoException).code) }
    }
  }
  await port.close()
  // Nothing keeps this process alive any more: it must end by itself.
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
