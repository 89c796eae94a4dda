import { describe, expect, test } from 'vitest'
import { readMachineFacts } from '../../src/diagnosis/machine-facts.ts'
import {
  isOlder,
  parseLibc,
  parseLockedMemory,
  parseStatus,
  wholeNumber,
} from '../../src/diagnosis/proc-files.ts'

const status = `Name:	node
Uid:	1000	1000	1000	1000
Gid:	1000	1001	1002	1003
Groups:	27 100 
CapInh:	0000000000000000
CapEff:	00000000a80425fb
NoNewPrivs:	1
Seccomp:	2
Seccomp_filters:	1
`

const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             96364                96364                processes 
Max locked memory         65536                8388608              bytes     
`

describe('the files under /proc', () => {
  test('status gives the seccomp mode, the capabilities, the effective and the supplementary groups', () => {
    expect(parseStatus(status)).toEqual({
      seccompMode: 2,
      capabilities: 0xa80425fbn,
      groups: [1001, 27, 100],
    })
  })

  test('a process without supplementary groups has only the effective one', () => {
    expect(parseStatus('Gid:\t0\t0\t0\t0\nGroups:\t \n').groups).toEqual([0])
  })

  test('a missing value is unknown, not zero', () => {
    expect(parseStatus('')).toEqual({ seccompMode: undefined, capabilities: undefined, groups: [] })
    expect(parseLockedMemory('')).toBeUndefined()
    expect(parseLibc('')).toBeUndefined()
    expect(wholeNumber(undefined)).toBeUndefined()
    expect(wholeNumber('')).toBeUndefined()
    expect(wholeNumber('two')).toBeUndefined()
  })

  test('limits give the soft limit, or infinity', () => {
    expect(parseLockedMemory(limits)).toBe(65_536)
    expect(parseLockedMemory(limits.replace('65536  ', 'unlimited'))).toBe(Number.POSITIVE_INFINITY)
  })

  test('a setting is one number with a line break', () => {
    expect(wholeNumber('2\n')).toBe(2)
    expect(wholeNumber('-1\n')).toBe(-1)
  })

  test.each([
    ['7f00-7f01 r-xp 00000000 08:01 123 /usr/lib/x86_64-linux-gnu/libc.so.6\n', 'glibc'],
    ['7f00-7f01 r-xp 00000000 08:01 123 /lib64/libc-2.28.so\n', 'glibc'],
    ['7f00-7f01 r-xp 00000000 08:01 123 /lib/ld-musl-x86_64.so.1\n', 'musl'],
    ['7f00-7f01 r-xp 00000000 08:01 123 /usr/lib/libcap.so.2\n', undefined],
  ])('the maps %j are of %s', (maps, libc) => {
    expect(parseLibc(maps)).toBe(libc)
  })

  test.each([
    ['6.1.0-18-amd64', '6.0', false],
    ['6.0.0', '6.0', false],
    ['5.19.17', '6.0', true],
    ['5.4.0-1234-aws', '5.10', true],
    ['10.2', '6.0', false],
    ['unknown', '6.0', undefined],
  ])('the kernel %s is older than %s: %s', (release, version, older) => {
    expect(isOlder(release, version)).toBe(older)
  })
})

describe('the facts of a machine', () => {
  test('come from the files, and are unknown without them', () => {
    const files: Record<string, string> = {
      '/proc/self/status': status,
      '/proc/self/limits': limits,
      '/proc/sys/kernel/io_uring_disabled': '1\n',
      '/proc/sys/kernel/io_uring_group': '27\n',
      '/proc/version': 'Linux version 4.4.0 (gVisor) #1 SMP\n',
    }
    expect(readMachineFacts((path) => files[path], 'linux')).toMatchObject({
      seccompMode: 2,
      ioUringDisabled: 1,
      ioUringGroup: 27,
      lockedMemoryBytes: 65_536,
      gvisor: true,
    })
    expect(readMachineFacts(() => undefined, 'linux')).toMatchObject({
      seccompMode: undefined,
      ioUringDisabled: undefined,
      lockedMemoryBytes: undefined,
      groups: [],
      gvisor: false,
    })
  })

  test('on Windows are not read from the files of a surrounding Linux', () => {
    const facts = readMachineFacts(() => status, 'win32')
    expect(facts).toMatchObject({ seccompMode: undefined, libc: undefined, groups: [] })
  })

  test.runIf(process.platform === 'linux')('are read from the files of this machine', () => {
    expect(readMachineFacts()).toMatchObject({
      platform: 'linux',
      arch: process.arch,
      seccompMode: expect.any(Number),
      capabilities: expect.any(BigInt),
      libc: expect.stringMatching(/^(glibc|musl)$/),
    })
  })
})
