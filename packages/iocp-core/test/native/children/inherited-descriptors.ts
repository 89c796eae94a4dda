import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { BackendName } from '../../../src/index.ts'
import { startLoad } from './load.ts'

/*
 * Checks which descriptors a child process inherits from a port with everything open: inherited-descriptors.ts BACKEND
 */
const closeOnExec = 0o2000000

function opened(process: number | 'self'): Map<string, string> {
  const folder = `/proc/${process}/fd`
  const found = new Map<string, string>()
  for (const descriptor of readdirSync(folder)) {
    try {
      found.set(descriptor, readlinkSync(`${folder}/${descriptor}`))
    } catch (error) {
      // The descriptor that was used to read the folder is closed by now.
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT')
    }
  }
  return found
}

const before = opened('self')
const port = await startLoad(process.argv[2] as BackendName, 8)
const ours = [...opened('self')].filter(([descriptor, what]) => before.get(descriptor) !== what)
// Two listeners and both ends of nine connections, in addition to the port's own descriptors.
assert.ok(ours.length >= 20, `${ours.length} descriptors`)
for (const [descriptor, what] of ours) {
  const [, flags] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))!
  assert.ok((Number.parseInt(flags!, 8) & closeOnExec) !== 0, `${what} would be inherited`)
}

const child = spawn('sleep', ['60'], { stdio: 'ignore' })
// Emitted after the exec, when the program has replaced the copy of this process.
await once(child, 'spawn')
const inherited = opened(child.pid!)
child.kill()
await once(child, 'exit')
assert.equal(inherited.get('2'), '/dev/null')
// The parent of this program may have left inheritable descriptors open: those do not belong to the port.
const names = new Set(ours.map(([, what]) => what))
assert.deepEqual(
  [...inherited.values()].filter((what) => names.has(what) || what.startsWith('anon_inode:')),
  [],
)
await port.close()
process.stdout.write(`${ours.length} descriptors, none inherited\n`)
