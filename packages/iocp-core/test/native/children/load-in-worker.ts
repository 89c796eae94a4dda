import { parentPort, workerData } from 'node:worker_threads'
import { startLoad } from './load.ts'

await startLoad(workerData.backend, 8)
parentPort?.postMessage('loaded')
