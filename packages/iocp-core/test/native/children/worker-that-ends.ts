import { workerData } from 'node:worker_threads'
import { startLoad } from './load.ts'

const port = await startLoad(workerData.backend, 4)
if (workerData.closes === true) await port.close()
else port.unref()
