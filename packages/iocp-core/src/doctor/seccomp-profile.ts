/**
 * A seccomp profile for containers that run this package, in the form that Docker, Podman and Kubernetes read
 * (the OCI runtime specification calls it linux.seccomp). Calls that are not listed fail with EPERM.
 *
 * It lets a Node.js program and the tools around it (a shell, npm, git, a compiler) work on 64-bit Linux, including
 * io_uring. It refuses calls that change the machine or inspect other processes: mounts, modules, namespaces, keys,
 * tracing, clocks, bpf.
 */
export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO'
  readonly defaultErrnoRet: number
  readonly archMap: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[]
  readonly syscalls: readonly SeccompRule[]
}

interface SeccompRule {
  readonly names: readonly string[]
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO'
  readonly errnoRet?: number
  readonly args?: readonly SeccompArgument[]
}

interface SeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ'
}

/** The three system calls that io_uring consists of; default profiles refuse them. */
export const ioUringCalls = ['io_uring_enter', 'io_uring_register', 'io_uring_setup'] as const

export function seccompProfile(): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: errno.EPERM,
    archMap: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'].map((architecture) => ({
      architecture,
      subArchitectures: [],
    })),
    syscalls: [
      { names: ioUringCalls, action: 'SCMP_ACT_ALLOW' },
      ...Object.values(allowed).map((names) => ({ names: words(names), action: 'SCMP_ACT_ALLOW' }) as const),
      ...socketFamilies.map((family) => when('socket', equals(0, family))),
      ...personalities.map((personality) => when('personality', equals(0, personality))),
      when('clone', { index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
      // Its flags are in memory, which a filter cannot read. libc falls back to clone if this call does not exist.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: errno.ENOSYS },
    ],
  }
}

const errno = { EPERM: 1, ENOSYS: 38 } as const

/** Calls without a condition, grouped by purpose. A call of only one architecture is unknown on the other. */
const allowed = {
  memory: `brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock
    munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages`,
  processes: `arch_prctl capget capset execve execveat exit exit_group fork get_robust_list get_thread_area getcpu
    getpgid getpgrp getpid getppid getpriority getrlimit getrusage getsid gettid kill pidfd_open pidfd_send_signal
    prctl prlimit64 rseq seccomp set_robust_list set_thread_area set_tid_address setpgid setpriority setrlimit
    setsid sysinfo tgkill times tkill umask uname vfork wait4 waitid`,
  users: `getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid setgroups setregid
    setresgid setresuid setreuid setuid`,
  scheduling: `ioprio_get ioprio_set sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
    sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield`,
  signals: `pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack signalfd signalfd4`,
  time: `alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
    timerfd_settime`,
  waiting: `epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 futex
    futex_requeue futex_wait futex_waitv futex_wake poll ppoll pselect6 select`,
  sockets: `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg
    sendmsg sendto setsockopt shutdown socketpair`,
  descriptors: `close close_range dup dup2 dup3 fcntl flock ioctl lseek pipe pipe2 pread64 preadv preadv2 pwrite64
    pwritev pwritev2 read readv sendfile splice tee vmsplice write writev`,
  files: `access chdir chmod chown copy_file_range creat faccessat faccessat2 fadvise64 fallocate fchdir fchmod
    fchmodat fchmodat2 fchown fchownat fdatasync fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64
    inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown link linkat lstat mkdir mkdirat mknod
    mknodat name_to_handle_at newfstatat open openat openat2 readahead readlink readlinkat rename renameat renameat2
    rmdir stat statfs statx symlink symlinkat sync sync_file_range syncfs truncate unlink unlinkat utime utimensat
    utimes`,
  attributes: `fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr lremovexattr
    lsetxattr removexattr setxattr`,
  asynchronousFiles: 'io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit',
  sharedMemoryAndQueues: `mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv
    msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget`,
  selfRestriction: 'landlock_add_rule landlock_create_ruleset landlock_restrict_self',
  randomness: 'getrandom',
} as const

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK (name resolution uses it to list addresses). */
const socketFamilies = [1, 2, 10, 16] as const

/** PER_LINUX, PER_LINUX32, each with and without UNAME26, and the value that queries the current one. */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffff_ffff] as const

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: none of them may be set. */
const namespaceFlags = 0x7e02_0000

const words = (text: string) => text.trim().split(/\s+/)

const equals = (index: number, value: number): SeccompArgument => ({ index, value, op: 'SCMP_CMP_EQ' })

function when(name: string, argument: SeccompArgument): SeccompRule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args: [argument] }
}
