import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { parseLibc, parseLockedMemory, parseStatus, wholeNumber } from './proc-files.ts'

/** What a diagnosis looks at. Undefined: this system does not say. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** As uname(2) has it: `6.1.0-18-amd64`; empty where the runtime does not say. */
  readonly kernelRelease: string
  /** The C library that this process runs on, where /proc/self/maps names it. */
  readonly libc: 'glibc' | 'musl' | undefined
  /** As in /proc/self/status: 0, no filter; 2, a filter is in force. */
  readonly seccompMode: number | undefined
  /** A bit for each capability in force (capabilities(7)). */
  readonly capabilities: bigint | undefined
  readonly groups: readonly number[]
  /** The setting kernel.io_uring_disabled: 0, 1 or 2. Kernels before 6.6 have no such setting. */
  readonly ioUringDisabled: number | undefined
  /** The setting kernel.io_uring_group: whom 1 lets pass; -1 for nobody. */
  readonly ioUringGroup: number | undefined
  /** RLIMIT_MEMLOCK, the soft limit. */
  readonly lockedMemoryBytes: number | undefined
  /** Whether /proc/version speaks of gVisor, which answers system calls itself. */
  readonly gvisor: boolean
}

/** A text file, or undefined where it is not there or may not be read. */
export type ReadText = (path: string) => string | undefined

/** Asks this machine. Cheap, and yet for failures only: nobody needs it where everything works. */
export function readMachineFacts(
  readText: ReadText = readTextFile,
  platform: NodeJS.Platform = process.platform,
): MachineFacts {
  // Under Wine a program for Windows would find these files of the Linux around it.
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

/** Deno asks for a permission of its own before it says this (`--allow-sys`). */
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
