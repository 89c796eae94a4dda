import type { MachineFacts } from '../../src/diagnosis/machine-facts.ts'

/** A machine on which nothing is forbidden. */
export const plainFacts: MachineFacts = {
  platform: 'linux',
  arch: 'x64',
  kernelRelease: '6.18.5',
  libc: 'glibc',
  seccompMode: 0,
  capabilities: 0n,
  groups: [1000],
  ioUringDisabled: 0,
  ioUringGroup: -1,
  lockedMemoryBytes: 8 * 1024 * 1024,
  gvisor: false,
}
