import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { type BackendName, createCompletionPort } from '../../../src/index.ts'
import { openDescriptors } from './open-descriptors.ts'

/* collect-ports.ts BACKEND */
const count = 50
const threads = () => readdirSync('/proc/self/task').length

async function makeAndForget(): Promise<void> {
  for (let index = 0; index < count; index++) {
    const port = createCompletionPort({ backend: process.argv[2] as BackendName })
    // Half of the ports have had a listener, the others never had anything open.
    if (index % 2 === 0) await (await port.listen('tcp://127.0.0.1:0', () => undefined)).close()
  }
}

assert.ok(global.gc !== undefined, 'run with --expose-gc')
const before = { descriptors: openDescriptors(), threads: threads() }
await makeAndForget()
assert.ok(threads() >= before.threads)
for (let round = 0; round < 2_000 && openDescriptors() > before.descriptors; round++) {
  global.gc()
  await new Promise((resolve) => setTimeout(resolve, 10))
}
assert.deepEqual({ descriptors: openDescriptors(), threads: threads() }, before)
process.stdout.write('collected\n')
