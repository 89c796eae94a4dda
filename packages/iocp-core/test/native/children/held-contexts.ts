import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type BackendName,
  type CompletionPort,
  type Connection,
  createCompletionPort,
  type Listener,
} from '../../../src/index.ts'

/* held-contexts.ts BACKEND */
assert.ok(global.gc !== undefined, 'run with --expose-gc')
const storage = new AsyncLocalStorage<object>()
const stores = new Map<string, WeakRef<object>>()

/** Runs in a context whose store can be collected afterwards, unless something keeps the context. */
function as<Result>(name: string, run: () => Result): Result {
  const store = { name }
  stores.set(name, new WeakRef(store))
  return storage.run(store, run)
}

async function listening(port: CompletionPort): Promise<Listener> {
  return as('listener', () =>
    port.listen('tcp://127.0.0.1:0', (connection) =>
      connection.start({
        data: (chunk) => void connection.send(chunk),
        end: () => connection.end(),
        drain() {},
        close() {},
      }),
    ),
  )
}

let answered = () => {}

async function connected(port: CompletionPort, url: string): Promise<Connection> {
  const connection = await port.connect(url)
  connection.start({ data: () => answered(), end() {}, drain() {}, close() {} })
  return connection
}

async function exchange(connection: Connection): Promise<void> {
  await new Promise<void>((resolve) => {
    answered = resolve
    as('sender', () => connection.send(new Uint8Array(10)))
  })
  answered = () => {}
}

const port = as('port', () => createCompletionPort({ backend: process.argv[2] as BackendName }))
const listener = await listening(port)
const connection = await connected(port, listener.url)
await exchange(connection)

const isHeld = () => [...stores.values()].some((store) => store.deref() !== undefined)
for (let round = 0; round < 2_000 && isHeld(); round++) {
  await new Promise((resolve) => setTimeout(resolve, 5))
  global.gc()
}
for (const name of ['port', 'listener', 'sender']) {
  process.stdout.write(`${name}: ${stores.get(name)?.deref() === undefined ? 'free' : 'held'}\n`)
}
connection.abort()
await port.close()
