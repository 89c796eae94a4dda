import { type BackendName, createCompletionPort } from '../../../src/index.ts'

/* exit-while-connecting.ts BACKEND ENDPOINT: the endpoint never answers. */
const [backend, endpoint] = process.argv.slice(2)
const port = createCompletionPort({ backend: backend as BackendName })
port.connect(endpoint!).catch(() => undefined)
setTimeout(() => process.exit(port.counters.operationsInFlight === 1 ? 23 : 24), 50)
