import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createCompletionPort } from '../../../src/index.ts'

/* Prints the lengths of a port's queues, as the kernel reports them (proc_pid_fdinfo(5)). */
const port = createCompletionPort({ backend: 'io_uring' })
for (const descriptor of readdirSync('/proc/self/fd')) {
  try {
    if (!readlinkSync(`/proc/self/fd/${descriptor}`).includes('[io_uring]')) continue
    const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    process.stdout.write(`${text.match(/SqMask:.*/)?.[0]} ${text.match(/CqMask:.*/)?.[0]}\n`)
  } catch {
    // The descriptor of the listing itself is closed by now.
  }
}
await port.close()
