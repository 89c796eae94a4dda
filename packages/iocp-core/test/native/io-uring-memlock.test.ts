import { spawnSync } from 'node:child_process'
import { release } from 'node:os'
import { describe, expect, test } from 'vitest'
import { isOlder } from '../../src/diagnosis/proc-files.ts'
import { probe } from '../../src/index.ts'
import { reportChoice, runNode, runSource } from './refused-io-uring.ts'

/** The words before a command that run it without CAP_IPC_LOCK and with this limit of locked memory. */
function lockedMemory(bytes: number): string[] {
  const limit = `--memlock=${bytes}:${bytes}`
  return ['setpriv', '--bounding-set=-ipc_lock', '--inh-caps=-ipc_lock', 'prlimit', limit]
}
// The queues of a port need 32 KiB: one fits the 64 KiB of many containers.
const limited = lockedMemory(16 * 1024)

function absence(): string | undefined {
  const note = probe().find(({ backend }) => backend === 'io_uring')
  if (note?.available !== true) return `io_uring is not available: ${note?.reason}`
  if (isOlder(release(), '6.14')) return `the kernel ${release()} does not count rings as locked memory`
  const { status } = spawnSync('setpriv', [...limited.slice(1), 'true'])
  return status === 0 ? undefined : 'setpriv and prlimit (util-linux) are not here, or not allowed'
}

const absent = absence()
const skipped = absent === undefined ? '' : ` (skipped: ${absent})`

describe.skipIf(absent !== undefined)(`io_uring with little locked memory${skipped}`, () => {
  test('auto takes epoll and warns once, the name is an error', () => {
    const { taken, echo, warnings, byName, note } = reportChoice(limited)
    expect({ taken, echo }).toEqual({ taken: ['epoll', 'epoll', 'epoll'], echo: 'still here' })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message).toMatch(/io_uring is not available: .*ENOMEM.* limited to 16 KiB/)
    expect(warnings[0]?.detail).toContain('LimitMEMLOCK=infinity')
    expect(byName).toMatchObject({ code: 'BACKEND_UNAVAILABLE', systemCode: 'ENOMEM' })
    expect(byName.message).toContain('ulimit -l unlimited')
    expect(note).toMatchObject({ available: false, cause: 'memlock', systemCode: 'ENOMEM' })
  })

  test('auto continues with epoll when open ports have used up the limit', () => {
    const program = `
      import { createCompletionPort } from './src/index.ts'
      const ports = Array.from({ length: 6 }, () => createCompletionPort())
      console.log(ports.map(({ backend }) => backend).join(' '))
      for (const port of ports) await port.close()`
    const { status, stdout, stderr } = runNode(
      ['--input-type=module', '--eval', program],
      lockedMemory(96 * 1024),
    )
    // The number depends on the kernel, which returns the memory of a closed ring only after some time.
    expect(stdout).toMatch(/^io_uring( io_uring| epoll)* epoll( io_uring| epoll)*\n$/)
    expect({ status, said: stderr.match(/FRAMEPORT_BACKEND_FALLBACK/g)?.length }).toEqual({
      status: 0,
      said: 1,
    })
  })

  test('the doctor names the limit and ends with 1', () => {
    const { status, stdout } = runSource('src/doctor/main.ts', ['--require', 'io_uring'], limited)
    expect(status).toBe(1)
    expect(stdout).toMatch(/^ {2}memlock +at most 16 KiB of locked memory$/m)
    expect(stdout).toMatch(/^ {2}io_uring +does not work \(memlock\)$/m)
    expect(stdout).toContain('createCompletionPort() uses epoll here.')
  })
})
