// node --import tsx server.ts [tcp://HOST:PORT] [FOLDER]
import { createServer } from '@frameport/server'
import { implementFiles } from './handlers.ts'

const server = createServer(implementFiles(process.argv[3] ?? '.'))

let closing = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (closing) process.exit(1) // A second signal does not wait.
    closing = true
    // Clients go on where they were, with another server or this one after its start.
    void server.close({ graceMs: 1_000 }).then(() => console.log('closed'))
  })
}

try {
  const listener = await server.listen(process.argv[2] ?? 'tcp://127.0.0.1:5602')
  console.log(`the file server listens on ${listener.url} (${listener.backend})`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
  await server.close()
}
