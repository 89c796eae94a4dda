/** The names of the back ends, best first. */
export const backendNames = ['iocp', 'io_uring', 'epoll', 'net'] as const

/** The name of a back end. */
export type BackendName = (typeof backendNames)[number]

/** The values of the option `backend`: `auto`, which selects the best back end that works, and the names of the back ends. */
export const backendChoices = ['auto', ...backendNames] as const

/** One of {@link backendChoices}. */
export type BackendChoice = (typeof backendChoices)[number]

/** Something that a back end needs from the system, and the result of trying it. */
export interface BackendStep {
  /** The name that the system has for it: `io_uring_setup`, `epoll_create1`. */
  readonly step: string
  /** Whether the back end needs it to work. Without an optional step it works with restrictions. */
  readonly required: boolean
  /** Whether it worked. */
  readonly ok: boolean
  /** The name of the system error: `EPERM`. Absent if it worked. */
  readonly systemCode?: string
}

/**
 * The most likely reason why a back end does not work here.
 *
 * - `other_system`: the back end exists only on another operating system
 * - `no_addon`: there is no addon for this system and processor
 * - `addon_broken`: there is an addon, but it cannot be loaded
 * - `addon_outdated`: the addon was built before it had this back end, or belongs to another version of this package
 * - `bundled`: the code runs from a bundle or another place from which the package, and thus its addon, cannot be found
 * - `addons_disabled`: the runtime was started without addons (`--no-addons`)
 * - `no_permission`: a permission of the runtime (`--permission` of Node.js, those of Deno) or of the file is missing
 * - `seccomp`, `sysctl`, `security_module`: the system is configured to forbid it, in this place
 * - `kernel_too_old`, `kernel_without`: the kernel does not support it
 * - `memlock`, `memory`, `descriptors`: a limit was reached
 * - `emulator`: the system calls are answered by an emulator, not by the Linux kernel
 * - `unknown`: only the answer of the system is known
 */
export type BackendCause =
  | 'other_system'
  | 'no_addon'
  | 'addon_broken'
  | 'addon_outdated'
  | 'bundled'
  | 'addons_disabled'
  | 'no_permission'
  | 'seccomp'
  | 'sysctl'
  | 'security_module'
  | 'kernel_too_old'
  | 'kernel_without'
  | 'memlock'
  | 'memory'
  | 'descriptors'
  | 'emulator'
  | 'unknown'

/** What `probe()` found out about one back end. */
export interface BackendNote {
  /** The name of the back end. */
  readonly backend: BackendName
  /** Whether it works here. */
  readonly available: boolean
  /** What was tried, in the order in which the back end needs it. Empty if there was nothing to try. */
  readonly steps: readonly BackendStep[]
  /** Why it does not work, in words, with the likely cause. This member and those below are absent if the back end works. */
  readonly reason?: string
  /** The likely cause, for programs. */
  readonly cause?: BackendCause
  /** What to do to make it available, in words. */
  readonly fix?: string
  /** The name of the system error (`EPERM`), if the reason came from the system. */
  readonly systemCode?: string
}

/** The members of a note for a back end that does not work here. */
export type BackendRefusal = Required<Pick<BackendNote, 'reason' | 'cause' | 'fix'>> &
  Pick<BackendNote, 'systemCode'>
