import { spawnSync } from 'node:child_process'
import { release } from 'node:os'
import { describe, expect, test } from 'vitest'
import { isOlder } from '../../src/diagnosis/proc-texts.ts'
import { probe } from '../../src/index.ts'
import { reportChoice, runSource } from './refused-io-uring.ts'

/** Without the right to lock memory at will, and with a limit under what the rings of a port need. */
const limited = [
  'setpriv',
  '--bounding-set=-ipc_lock',
  '--inh-caps=-ipc_lock',
  'prlimit',
  '--memlock=65536:65536',
]

function absence(): string | undefined {
  const note = probe().find(({ backend }) => backend === 'io_uring')
  if (note?.available !== true) return `io_uring is not available: ${note?.reason}`
  if (isOlder(release(), '6.14')) return `the kernel ${release()} does not count rings as locked memory`
  const { status } = spawnSync('setpriv', [...limited.slice(1), 'true'])
  return status === 0 ? undefined : 'setpriv and prlimit (util-linux) are not here, or not allowed'
}

const absent = absence()

describe.skipIf(absent !== undefined)(`io_uring with 64 KiB of locked memory (skipped: ${absent})`, () => {
  test('auto takes epoll and says so once, the name is an error', () => {
    const { taken, echo, warnings, byName } = reportChoice(limited)
    expect({ taken, echo }).toEqual({ taken: ['epoll', 'epoll', 'epoll'], echo: 'still here' })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message).toMatch(/io_uring is not available: .*ENOMEM.* limited to 64 KiB/)
    expect(warnings[0]?.detail).toContain('LimitMEMLOCK=infinity')
    expect(byName).toMatchObject({ code: 'BACKEND_UNAVAILABLE', systemCode: 'ENOMEM' })
    expect(byName.message).toContain('ulimit -l unlimited')
  })

  test('the doctor opens a port, so it is not told otherwise by small trials', () => {
    const { status, stdout } = runSource('src/doctor/main.ts', ['--require', 'io_uring'], limited)
    expect(status).toBe(1)
    expect(stdout).toMatch(/^ {2}memlock +64 KiB of locked memory at most$/m)
    expect(stdout).toMatch(/^ {2}io_uring +does not work \(memlock\)$/m)
    expect(stdout).toContain('createPort() takes epoll here.')
  })
})
