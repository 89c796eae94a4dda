import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createCompletionPort } from '../../../src/index.ts'

/* Tells how long the queues of a port are, as the kernel sees them (proc_pid_fdinfo(5)). */
const port = createCompletionPort({ backend: 'io_uring' })
for (const descriptor of readdirSync('/proc/self/fd')) {
  try {
    if (!readlinkSync(`/proc/self/fd/${descriptor}`).includes('[io_uring]')) continue
    const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    process.stdout.write(`${text.match(/SqMask:.*/)?.[0]} ${text.match(/CqMask:.*/)?.[0]}\n`)
  } catch {
    // The descriptor of the listing itself is gone by now.
  }
}
await port.close()
