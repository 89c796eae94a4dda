import { packageBuild } from '../../tsdown.base.ts'

// The worker is a separate file, which `start-worker.ts` passes to a thread.
export default packageBuild({ entry: { index: 'src/index.ts', worker: 'src/worker/worker.ts' } })
