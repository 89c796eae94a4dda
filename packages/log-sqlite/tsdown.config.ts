import { packageBuild } from '../../tsdown.base.ts'

// The worker is a file of its own: `start-worker.ts` gives it to a thread.
export default packageBuild({ entry: { index: 'src/index.ts', worker: 'src/worker/worker.ts' } })
