import { executionAsyncId } from 'node:async_hooks'
import '../../../src/index.ts'

/*
 * Prints the id of the execution behind an await. Only with hooks for promises, which cost every promise of the process,
 * does a promise have an id of its own (async_hooks, "Promise execution tracking").
 */
await Promise.resolve()
await undefined
process.stdout.write(`${executionAsyncId()}\n`)
