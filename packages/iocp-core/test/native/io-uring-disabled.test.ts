import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readMachineFacts } from '../../src/diagnosis/machine-facts.ts'
import { expectFallback, reportChoice, runSource } from './refused-io-uring.ts'

// The setting affects the whole machine, so a separate command sets it and restores it.
const disabled = readMachineFacts().ioUringDisabled === 2
const required = process.env.FRAMEPORT_REQUIRE_IO_URING_DISABLED === '1'
const name = 'io_uring with kernel.io_uring_disabled=2 (npm run test:io-uring-disabled sets it)'

describe.skipIf(!disabled && !required)(name, () => {
  test('the setting is in force', () => {
    expect(readFileSync('/proc/sys/kernel/io_uring_disabled', 'utf8')).toBe('2\n')
  })

  test('auto takes epoll and warns once, the name is an error, also for root', () => {
    expectFallback(reportChoice(), {
      systemCode: 'EPERM',
      cause: 'sysctl',
      because: /io_uring_setup is refused \(EPERM\): the setting kernel\.io_uring_disabled is 2/,
      fix: /sysctl kernel\.io_uring_disabled=0/,
    })
  })

  test('the doctor names the setting and ends with 1', () => {
    const { status, stdout, stderr } = runSource('src/doctor/main.ts', [])
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toMatch(/^ {2}sysctl +kernel\.io_uring_disabled = 2: nobody may use io_uring$/m)
    expect(stdout).toMatch(/^ {2}io_uring +does not work \(sysctl\)$/m)
    expect(stdout).toMatch(/^ {2}fix +As root of the host: sysctl kernel\.io_uring_disabled=0/m)
  })
})
