/**
 * A pool in its own process, which SIGTERM ends. It sends its address to the process that forked it, and does not end
 * itself by force.
 */
import { closeOnSignals } from '@frameport/server/node'
import { sharedPool } from '../shared-pool.ts'

const { pool } = await sharedPool('io_uring', { workers: 2 })
closeOnSignals(pool, { announceMs: 100 })
process.send?.(pool.url)
process.channel?.unref()
