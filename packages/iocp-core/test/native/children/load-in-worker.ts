import { parentPort } from 'node:worker_threads'
import { startLoad } from './load.ts'

await startLoad(8)
parentPort?.postMessage('loaded')
