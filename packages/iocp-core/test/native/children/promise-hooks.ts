import { executionAsyncId } from 'node:async_hooks'
import '../../../src/index.ts'

/*
 * Prints the execution id after an await. A promise has its own id only if promise hooks are enabled, which slow down
 * every promise of the process (async_hooks, "Promise execution tracking").
 */
await Promise.resolve()
await undefined
process.stdout.write(`${executionAsyncId()}\n`)
