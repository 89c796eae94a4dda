import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ioUringCalls } from '../../src/doctor/seccomp-profile.ts'
import { probe } from '../../src/index.ts'
import { expectFallback, reportChoice, runSource } from './refused-io-uring.ts'
import { FilterLauncher, filterAbsent, systemCallNumbers } from './system-call-filter.ts'

const note = probe().find(({ backend }) => backend === 'io_uring')
const absent = filterAbsent ?? (note?.available ? undefined : `io_uring is not available: ${note?.reason}`)
const skipped = absent === undefined ? '' : ` (skipped: ${absent})`
const { EPERM, ENOSYS } = constants.errno

describe.skipIf(absent !== undefined)(`io_uring under a filter of system calls${skipped}`, () => {
  let launcher: FilterLauncher
  let numbers: ReadonlyMap<string, number>
  beforeAll(() => {
    launcher = new FilterLauncher()
    numbers = systemCallNumbers()
  })
  afterAll(() => launcher.remove())

  /** A filter like that of containers: it allows all calls except those of io_uring. */
  function refusing(errno: number): string[] {
    return launcher.command(0, new Map(ioUringCalls.map((name) => [numbers.get(name) ?? -1, errno])))
  }
  const because = /io_uring_setup is refused .* a seccomp filter is active/
  const fix = /--seccomp-profile > frameport\.json.*--security-opt seccomp=frameport\.json/

  test.each([
    ['EPERM', EPERM],
    ['ENOSYS', ENOSYS],
  ])('that answers %s: auto takes epoll and warns once, the name is an error', (systemCode, errno) => {
    expectFallback(reportChoice(refusing(errno)), { systemCode, cause: 'seccomp', because, fix })
  })

  test('the doctor names the filter and the fix, and ends with 1 unless less is required', () => {
    const { status, stdout, stderr } = runSource('src/doctor/main.ts', [], refusing(EPERM))
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toMatch(/^ {2}seccomp +a filter is in force/m)
    expect(stdout).toMatch(/^ {2}io_uring +does not work \(seccomp\)$/m)
    expect(stdout).toMatch(/^ {2}io_uring_setup +EPERM$/m)
    expect(stdout).toMatch(because)
    expect(stdout).toMatch(fix)
    expect(stdout).toContain('createCompletionPort() uses epoll here.')
    const required = runSource('src/doctor/main.ts', ['--require', 'epoll'], refusing(EPERM))
    expect(required.status).toBe(0)
  })

  test('a filter that allows io_uring changes nothing', () => {
    const { status, stdout } = runSource('src/doctor/main.ts', ['--json'], launcher.command(0, new Map()))
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      system: { seccompMode: 2 },
      createCompletionPort: { backend: 'io_uring' },
      ok: true,
    })
  })
})
