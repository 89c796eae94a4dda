// node --import tsx server.ts [tcp://HOST:PORT]
import { createServer } from '@frameport/server'
import { jobs } from './contract.ts'
import { adminHandlers } from './handlers/admin.ts'
import { impl } from './handlers/base.ts'
import { queueHandlers } from './handlers/queue.ts'
import { workHandlers } from './handlers/work.ts'
import { JobQueue } from './job-queue.ts'
import { contextOf } from './principals.ts'

const queue = new JobQueue()
const implementation = impl.handlers({
  whoAmI: ({ context }) => context.principal,
  queue: queueHandlers(queue),
  work: workHandlers(queue),
  admin: adminHandlers(queue),
})

const server = createServer(implementation, {
  context: contextOf,
  // A topic names whom it is for: only they may listen, and administrators.
  authorizeSubscribe({ event, topic, context: { principal } }) {
    if (principal.role === 'admin') return true
    const owner = 'worker' in topic ? topic.worker : topic.submitter
    return owner === principal.name && (event !== jobs.events.cancelled || principal.role === 'worker')
  },
})

let closing = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (closing) process.exit(1) // A second signal does not wait.
    closing = true
    // Jobs that run get five seconds; workers that wait for one never end by themselves.
    void server.close({ graceMs: queue.stats.running > 0 ? 5_000 : 0 }).then(() => console.log('closed'))
  })
}

try {
  const listener = await server.listen(process.argv[2] ?? 'tcp://127.0.0.1:5601')
  console.log(`the job queue listens on ${listener.url} (${listener.backend})`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
  await server.close()
}
