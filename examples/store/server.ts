// node --import tsx server.ts [tcp://HOST:PORT]
import { createServer } from '@frameport/server'
import { implementStore } from './handlers.ts'
import { KeyValueStore } from './key-value-store.ts'

const server = createServer(implementStore(new KeyValueStore({ changesMax: 10_000 })), {
  // Nobody checks who a writer is: metadata are what the client says of itself. The job queue beside shows credentials.
  context: ({ hello }) => ({ writer: hello.metadata.writer }),
})

let closing = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (closing) process.exit(1) // A second signal does not wait.
    closing = true
    // Watchers never end by themselves: they get a second, then their calls are aborted.
    void server.close({ graceMs: 1_000 }).then(() => console.log('closed'))
  })
}

try {
  const listener = await server.listen(process.argv[2] ?? 'tcp://127.0.0.1:5600')
  console.log(`the store listens on ${listener.url} (${listener.backend})`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
  await server.close()
}
