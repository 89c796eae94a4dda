import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { parseLibc, parseLockedMemory, parseStatus, wholeNumber } from './proc-files.ts'

/** The facts that a diagnosis uses. Undefined: this system does not report the fact. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** The kernel's release as in uname(2): `6.1.0-18-amd64`; empty if the runtime does not report it. */
  readonly kernelRelease: string
  /** The C library of this process, if /proc/self/maps names it. */
  readonly libc: 'glibc' | 'musl' | undefined
  /** As in /proc/self/status: 0, no filter; 2, a filter is in force. */
  readonly seccompMode: number | undefined
  /** A bit for each capability in force (capabilities(7)). */
  readonly capabilities: bigint | undefined
  readonly groups: readonly number[]
  /** The setting kernel.io_uring_disabled: 0, 1 or 2. Kernels before 6.6 have no such setting. */
  readonly ioUringDisabled: number | undefined
  /** The setting kernel.io_uring_group: the group that 1 lets pass; -1 for no group. */
  readonly ioUringGroup: number | undefined
  /** RLIMIT_MEMLOCK, the soft limit. */
  readonly lockedMemoryBytes: number | undefined
  /** Whether /proc/version names gVisor, which answers system calls itself. */
  readonly gvisor: boolean
}

/** The content of a text file, or undefined if it is missing or may not be read. */
export type ReadText = (path: string) => string | undefined

/** Probes this machine. Although it is cheap, it runs only on failures: nobody needs it if everything works. */
export function readMachineFacts(
  readText: ReadText = readTextFile,
  platform: NodeJS.Platform = process.platform,
): MachineFacts {
  // Under Wine, a Windows program would find these files of the Linux host.
  const read: ReadText = platform === 'linux' ? readText : () => undefined
  const status = parseStatus(read('/proc/self/status') ?? '')
  return {
    platform,
    arch: process.arch,
    kernelRelease: kernelRelease(),
    libc: parseLibc(read('/proc/self/maps') ?? ''),
    seccompMode: status.seccompMode,
    capabilities: status.capabilities,
    groups: status.groups,
    ioUringDisabled: wholeNumber(read('/proc/sys/kernel/io_uring_disabled')),
    ioUringGroup: wholeNumber(read('/proc/sys/kernel/io_uring_group')),
    lockedMemoryBytes: parseLockedMemory(read('/proc/self/limits') ?? ''),
    gvisor: /gvisor/i.test(read('/proc/version') ?? ''),
  }
}

/** Deno requires a separate permission for this (`--allow-sys`). */
function kernelRelease(): string {
  try {
    return release()
  } catch {
    return ''
  }
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
