import type { BackendCause, BackendRefusal, BackendStep } from '../contract/backend-note.ts'
import type { MachineFacts } from './machine-facts.ts'
import { isOlder } from './proc-files.ts'

/** The oldest kernel that each back end of Linux works on. */
export const kernelsMin = { io_uring: '6.1', epoll: '4.18' } as const

type LinuxBackend = keyof typeof kernelsMin
type Cause = { readonly cause: BackendCause; readonly because: string; readonly fix: string }

const profileCommand = 'npx @frameport/iocp-core doctor --seccomp-profile > frameport.json'

/**
 * The likely cause of a required step that the system refused. Several can apply at once; the first one that explains
 * the error number is returned, from the most certain to the least.
 */
export function refusedStep(backend: string, step: BackendStep, facts: MachineFacts): BackendRefusal {
  const systemCode = step.systemCode ?? 'unknown'
  const { cause, because, fix } = likelyCause(backend, step.step, systemCode, facts)
  return { cause, reason: `${step.step} is refused (${systemCode}): ${because}`, fix, systemCode }
}

function likelyCause(backend: string, step: string, systemCode: string, facts: MachineFacts): Cause {
  const known =
    facts.platform === 'linux' && isLinuxBackend(backend)
      ? linuxCause(backend, step, systemCode, facts)
      : undefined
  return known ?? limitCause(systemCode) ?? unknownCause(systemCode)
}

const isLinuxBackend = (backend: string): backend is LinuxBackend => backend in kernelsMin

function linuxCause(
  backend: LinuxBackend,
  step: string,
  systemCode: string,
  facts: MachineFacts,
): Cause | undefined {
  switch (systemCode) {
    case 'EPERM':
      return (backend === 'io_uring' ? sysctlCause(facts) : undefined) ?? seccompCause(facts) ?? policyCause()
    case 'EACCES':
      return policyCause()
    case 'ENOSYS':
      return oldKernel(backend, facts) ?? emulatorCause(facts) ?? seccompCause(facts) ?? withoutCause(backend)
    case 'EINVAL':
    case 'EOPNOTSUPP':
      return oldKernel(backend, facts) ?? emulatorCause(facts) ?? lacksCause(backend, step, facts)
    case 'ENOMEM':
      return backend === 'io_uring' && isOfTheRing(step) ? lockedMemoryCause(facts) : undefined
    default:
      return undefined
  }
}

const capSysAdmin = 1n << 21n

function sysctlCause(facts: MachineFacts): Cause | undefined {
  const { ioUringDisabled, ioUringGroup, groups, capabilities } = facts
  if (ioUringDisabled === 2) {
    return {
      cause: 'sysctl',
      because: 'the setting kernel.io_uring_disabled is 2, which forbids io_uring to all processes',
      fix: 'As root of the host: sysctl kernel.io_uring_disabled=0 (and in /etc/sysctl.d, to keep it).',
    }
  }
  if (ioUringDisabled !== 1 || ((capabilities ?? 0n) & capSysAdmin) !== 0n) return undefined
  const group = ioUringGroup ?? -1
  if (group >= 0 && groups.includes(group)) return undefined
  const who = group < 0 ? 'no group' : `only group ${group}, to which this process does not belong`
  return {
    cause: 'sysctl',
    because: `the setting kernel.io_uring_disabled is 1, and kernel.io_uring_group allows ${who}`,
    fix: 'As root of the host: sysctl kernel.io_uring_group=GID with a group of this process, or kernel.io_uring_disabled=0.',
  }
}

function seccompCause({ seccompMode }: MachineFacts): Cause | undefined {
  if (seccompMode !== 2) return undefined
  return {
    cause: 'seccomp',
    because: 'a seccomp filter is active, as it is by default in Docker, containerd and Podman',
    fix: `Write a profile that allows it (${profileCommand}) and start the container with --security-opt seccomp=frameport.json.`,
  }
}

function policyCause(): Cause {
  return {
    cause: 'security_module',
    because:
      'neither a sysctl nor a seccomp filter explains it, so a security module (SELinux, AppArmor) is likely',
    fix: 'Look for the denial in the audit log (ausearch -m avc, or dmesg), and allow it in the policy of this program.',
  }
}

function oldKernel(backend: LinuxBackend, { kernelRelease }: MachineFacts): Cause | undefined {
  const minimum = kernelsMin[backend]
  if (isOlder(kernelRelease, minimum) !== true) return undefined
  return {
    cause: 'kernel_too_old',
    because: `the kernel is ${kernelRelease}, and the back end ${backend} needs ${minimum} or newer`,
    fix: `Use kernel ${minimum} or newer.`,
  }
}

function emulatorCause({ gvisor }: MachineFacts): Cause | undefined {
  if (!gvisor) return undefined
  return {
    cause: 'emulator',
    because: 'gVisor answers the system calls here, and does not implement this one',
    fix: 'Run this container with a runtime class that uses the kernel of the host (runc).',
  }
}

function withoutCause(backend: LinuxBackend): Cause {
  return {
    cause: 'kernel_without',
    because: 'the kernel was built without it, or an emulator (qemu-user) answers in its place',
    fix: `Use a kernel with ${backend === 'io_uring' ? 'CONFIG_IO_URING' : 'CONFIG_EPOLL'}, and no emulator.`,
  }
}

function lacksCause(backend: LinuxBackend, step: string, { kernelRelease }: MachineFacts): Cause {
  return {
    cause: 'kernel_without',
    because: `the kernel reports version ${kernelRelease}, which should have ${step} but does not`,
    fix: `Use an unmodified kernel, ${kernelsMin[backend]} or newer.`,
  }
}

const isOfTheRing = (step: string) => /^(io_uring|IORING|mmap)/.test(step)
const capIpcLock = 1n << 14n

/** Rings count against RLIMIT_MEMLOCK before Linux 5.12, and (seen on 6.18) again now, unless the process has CAP_IPC_LOCK. */
function lockedMemoryCause({ lockedMemoryBytes, capabilities }: MachineFacts): Cause | undefined {
  if (lockedMemoryBytes === undefined || lockedMemoryBytes === Number.POSITIVE_INFINITY) return undefined
  if (((capabilities ?? 0n) & capIpcLock) !== 0n) return undefined
  return {
    cause: 'memlock',
    because: `the rings of all processes of a user count as locked memory, which is limited to ${sizeText(lockedMemoryBytes)}`,
    fix: 'Raise it: ulimit -l unlimited, LimitMEMLOCK=infinity in a unit of systemd, or --ulimit memlock=-1 for a container.',
  }
}

export function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MiB` : `${Math.round(bytes / 1024)} KiB`
}

function limitCause(systemCode: string): Cause | undefined {
  switch (systemCode) {
    case 'EMFILE':
    case 'ENFILE':
      return {
        cause: 'descriptors',
        because: 'no file descriptor is left',
        fix: 'Raise the limit (ulimit -n), or close what is not needed.',
      }
    case 'ENOMEM':
    case 'ENOBUFS':
      return {
        cause: 'memory',
        because: 'the kernel has no memory for it',
        fix: 'Free memory, or raise the limit of the container.',
      }
    default:
      return undefined
  }
}

function unknownCause(systemCode: string): Cause {
  return {
    cause: 'unknown',
    because: 'the cause of this error is not known',
    fix: `Look up ${systemCode} in the manual page of this call. Until then, use another back end.`,
  }
}
