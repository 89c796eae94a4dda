import { workerData } from 'node:worker_threads'
import { endInside } from './end-inside.ts'

const { backend, place, way } = workerData
await endInside(backend, place, () => {
  if (way === 'exit') process.exit(23)
  throw new Error('thrown on purpose')
})
