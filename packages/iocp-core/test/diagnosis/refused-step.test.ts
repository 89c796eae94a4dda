import { describe, expect, test } from 'vitest'
import type { MachineFacts } from '../../src/diagnosis/machine-facts.ts'
import { refusedStep } from '../../src/diagnosis/refused-step.ts'
import { plainFacts } from './facts.ts'

function refused(systemCode: string, facts: Partial<MachineFacts>, backend = 'io_uring') {
  const step = backend === 'io_uring' ? 'io_uring_setup' : 'epoll_create1'
  return refusedStep(backend, { step, required: true, ok: false, systemCode }, { ...plainFacts, ...facts })
}

describe('io_uring is refused', () => {
  const sysAdmin = 1n << 21n
  test.each<[string, string, Partial<MachineFacts>, string, RegExp, RegExp]>([
    [
      'to all processes by a sysctl',
      'EPERM',
      { ioUringDisabled: 2 },
      'sysctl',
      /io_uring_disabled is 2/,
      /sysctl kernel/,
    ],
    [
      'to all processes by a sysctl, whatever else is in force',
      'EPERM',
      { ioUringDisabled: 2, seccompMode: 2, capabilities: sysAdmin },
      'sysctl',
      /is 2/,
      /=0/,
    ],
    [
      'to processes outside a group',
      'EPERM',
      { ioUringDisabled: 1, ioUringGroup: 999 },
      'sysctl',
      /only group 999/,
      /io_uring_group/,
    ],
    [
      'to all processes without CAP_SYS_ADMIN',
      'EPERM',
      { ioUringDisabled: 1 },
      'sysctl',
      /no group/,
      /io_uring_group/,
    ],
    [
      'by a seccomp filter, to a member of the group that the sysctl allows',
      'EPERM',
      { ioUringDisabled: 1, ioUringGroup: 1000, seccompMode: 2 },
      'seccomp',
      /seccomp filter/,
      /--security-opt seccomp=/,
    ],
    [
      'by a seccomp filter, to a process with the capability that the sysctl requires',
      'EPERM',
      { ioUringDisabled: 1, capabilities: sysAdmin, seccompMode: 2 },
      'seccomp',
      /seccomp filter/,
      /--seccomp-profile/,
    ],
    [
      'by the seccomp filter of a container',
      'EPERM',
      { seccompMode: 2 },
      'seccomp',
      /Docker/,
      /--security-opt/,
    ],
    [
      'by a seccomp filter that answers ENOSYS',
      'ENOSYS',
      { seccompMode: 2 },
      'seccomp',
      /Docker/,
      /--security-opt/,
    ],
    ['by a security module', 'EACCES', { seccompMode: 2 }, 'security_module', /SELinux/, /audit log/],
    ['by a security module', 'EPERM', {}, 'security_module', /SELinux/, /audit log/],
    [
      'by a kernel that is older than io_uring, even under a seccomp filter',
      'ENOSYS',
      { kernelRelease: '4.19.0-27-amd64', seccompMode: 2 },
      'kernel_too_old',
      /4\.19\.0-27-amd64.*needs \d\.\d+/,
      /kernel \d\.\d+ or newer/,
    ],
    [
      'by a kernel that lacks a flag',
      'EINVAL',
      { kernelRelease: '5.15.0' },
      'kernel_too_old',
      /5\.15/,
      /or newer/,
    ],
    ['by a kernel built without it', 'ENOSYS', {}, 'kernel_without', /built without/, /CONFIG_IO_URING/],
    ['by a modified kernel', 'EINVAL', {}, 'kernel_without', /should have io_uring_setup/, /unmodified/],
    ['by gVisor', 'ENOSYS', { gvisor: true, seccompMode: 2 }, 'emulator', /gVisor/, /runc/],
    [
      'by the limit for locked memory',
      'ENOMEM',
      { lockedMemoryBytes: 65_536 },
      'memlock',
      /64 KiB/,
      /ulimit -l/,
    ],
    [
      'for lack of memory, to a process that is exempt from the limit',
      'ENOMEM',
      { lockedMemoryBytes: 65_536, capabilities: 1n << 14n },
      'memory',
      /no memory/,
      /Free memory/,
    ],
    [
      'for lack of memory, where no limit is set',
      'ENOMEM',
      { lockedMemoryBytes: Number.POSITIVE_INFINITY },
      'memory',
      /no memory/,
      /Free memory/,
    ],
    ['for lack of descriptors', 'EMFILE', {}, 'descriptors', /no file descriptor/, /ulimit -n/],
    ['for an unknown reason', 'EXDEV', {}, 'unknown', /the cause of this error is not known/, /EXDEV/],
  ])('%s (%s)', (_name, systemCode, facts, cause, because, fix) => {
    const refusal = refused(systemCode, facts)
    expect(refusal).toMatchObject({ cause, systemCode })
    expect(refusal.reason).toContain(`io_uring_setup is refused (${systemCode}): `)
    expect(refusal.reason).toMatch(because)
    expect(refusal.fix).toMatch(fix)
  })
})

describe('other back ends are refused', () => {
  test('for lack of memory, not of locked memory, if the memory is not for the ring', () => {
    const step = { step: 'memory for the port', required: true, ok: false, systemCode: 'ENOMEM' }
    expect(refusedStep('io_uring', step, plainFacts).cause).toBe('memory')
  })

  test('epoll by a filter, and never by the sysctl of io_uring', () => {
    expect(refused('EPERM', { ioUringDisabled: 2, seccompMode: 2 }, 'epoll').cause).toBe('seccomp')
    expect(refused('ENOMEM', {}, 'epoll').cause).toBe('memory')
  })

  test('iocp on Windows without the causes of Linux', () => {
    const windows = { platform: 'win32', kernelRelease: '10.0.17763', seccompMode: undefined } as const
    expect(refused('EPERM', windows, 'iocp').cause).toBe('unknown')
    expect(refused('EMFILE', windows, 'iocp').cause).toBe('descriptors')
  })
})
