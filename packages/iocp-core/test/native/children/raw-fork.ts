import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BackendName, createCompletionPort } from '../../../src/index.ts'

/*
 * Forks without exec while a port is open: raw-fork.ts BACKEND
 * One child ends at once, another returns to JavaScript to use the port. The port of the parent must keep working.
 */
interface Forks {
  fork(): number
  forkAndLeave(): number
  wait(pid: number): number
}

const backend = process.argv[2]
const require = createRequire(import.meta.url)

function compile(): Forks {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-fork-'))
  try {
    const source = fileURLToPath(new URL('../launchers/raw_fork.cc', import.meta.url))
    const headers = join(dirname(require.resolve('node-api-headers/package.json')), 'include')
    const built = join(folder, 'raw_fork.node')
    const options = ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-I', headers]
    execFileSync(process.env.CXX || 'g++', [...options, source, '-o', built])
    return require(built) as Forks
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const forks = compile()
const port = createCompletionPort({ backend: backend as BackendName })
const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
  connection.start({
    data: (chunk) => void connection.send(chunk),
    end: () => connection.end(),
    drain() {},
    close() {},
  })
})
const client = await port.connect(listener.url)
const chunks = client[Symbol.asyncIterator]()
await echo('before')

assert.equal(forks.wait(forks.forkAndLeave()), 0)
await echo('after the first')
const pid = forks.fork()
if (pid === 0) {
  client.abort()
  process.kill(process.pid, 'SIGUSR2')
}
// V8 keeps its code out of a child (MADV_DONTFORK), so the child crashes at the first JavaScript. If it could run, the
// check of io_uring would abort it. It must not continue.
const { SIGSEGV, SIGABRT } = constants.signals
assert.ok([SIGSEGV, SIGABRT].includes(forks.wait(pid)))
await echo('after the second')
await port.close()
process.stdout.write('the port of the parent went on\n')

async function echo(said: string): Promise<void> {
  client.send(new TextEncoder().encode(said))
  const next = await chunks.next()
  assert.equal(new TextDecoder().decode(next.value), said)
}
