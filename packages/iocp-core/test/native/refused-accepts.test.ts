import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nativeBackEnds } from './drivers.ts'
import { runSource } from './refused-io-uring.ts'
import { FilterLauncher, filterAbsent, systemCallNumbers } from './system-call-filter.ts'

const skipped = filterAbsent === undefined ? '' : ` (skipped: ${filterAbsent})`
/** Accepts of io_uring are not system calls, so a filter does not see them: io-uring.test.ts simulates the answer. */
const backEnds = nativeBackEnds.filter(({ backend }) => backend === 'epoll')

describe.skipIf(filterAbsent !== undefined)(`accepts under a filter of system calls${skipped}`, () => {
  let launcher: FilterLauncher
  let refusing: string[]
  beforeAll(() => {
    launcher = new FilterLauncher()
    const numbers = systemCallNumbers()
    refusing = launcher.command(
      0,
      new Map(['accept', 'accept4'].map((name) => [numbers.get(name) ?? -1, constants.errno.EPERM])),
    )
  })
  afterAll(() => launcher.remove())

  for (const { backend, absent } of backEnds) {
    test.skipIf(absent)(`that answers EPERM: ${backend} reports it once and does not spin`, () => {
      const program = 'test/native/children/refused-accepts.ts'
      const { status, stdout, stderr } = runSource(program, [backend], refusing)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(JSON.parse(stdout)).toEqual({ told: 1, codes: ['PERMISSION_DENIED'] })
    })
  }
})
