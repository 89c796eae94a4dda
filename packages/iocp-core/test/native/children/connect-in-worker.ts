import { parentPort, workerData } from 'node:worker_threads'
import { createCompletionPort } from '../../../src/index.ts'

/* Connects to an address that never answers, and posts a message while the connect is in flight. */
const port = createCompletionPort({ backend: workerData.backend })
port.connect(workerData.endpoint).catch(() => undefined)
while (port.counters.operationsInFlight === 0) await new Promise((resolve) => setImmediate(resolve))
parentPort?.postMessage('connecting')
