import { createInterface } from 'node:readline'
import { type BackendName, createCompletionPort, IocpError, type Listener } from '../../../src/index.ts'

/**
 * Listens at a path, again for each line `listen`, and prints the result. It answers every connection with its process
 * id. `close` closes the listener, `exit` ends the process while the listener is open.
 */
const [backend, path] = process.argv.slice(2) as [BackendName, string]
const port = createCompletionPort({ backend })
let listener: Listener | undefined

async function listen(): Promise<string> {
  try {
    listener = await port.listen({ kind: 'unix', path }, (connection) => {
      connection.start({ data() {}, end: () => connection.end(), drain() {}, close() {} })
      connection.send(Buffer.from(String(process.pid)))
      connection.end()
    })
    return 'listens'
  } catch (error) {
    return IocpError.is(error) ? error.code : String(error)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'exit') process.exit(0)
  if (line === 'close') await listener?.close()
  process.stdout.write(`${line === 'listen' ? await listen() : 'closed'}\n`)
}
await port.close()
