// Starts the sources of a clone in a thread: Node.js 20 does not run TypeScript, and a thread does not inherit the hooks
// that its process was started with.
import { register } from 'tsx/esm/api'

register()
await import('../src/worker/worker.ts')
