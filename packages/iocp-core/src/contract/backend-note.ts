/** The names of the back ends, best first. */
export const backendNames = ['iocp', 'io_uring', 'epoll', 'net'] as const

/** The name of a back end. */
export type BackendName = (typeof backendNames)[number]

/** What the option `backend` takes: `auto`, the best one that works, or the name of one. */
export const backendChoices = ['auto', ...backendNames] as const

/** One of {@link backendChoices}. */
export type BackendChoice = (typeof backendChoices)[number]

/** One thing a back end needs of the system, and the answer to trying it. */
export interface BackendStep {
  /** In the system's words: `io_uring_setup`, `epoll_create1`. */
  readonly step: string
  /** Without a required one the back end does not work; without another it works with less. */
  readonly required: boolean
  readonly ok: boolean
  /** The name of the system's error: `EPERM`. Absent when it worked. */
  readonly systemCode?: string
}

/**
 * What most likely keeps a back end from working here.
 *
 * - `other_system`: it exists on another operating system
 * - `no_addon`: there is no binary for this system and processor; `addon_broken`: there is one that cannot be loaded;
 *   `addon_outdated`: the one that is there was built before it had this back end, or belongs to another version of this
 *   package
 * - `bundled`: the code runs from a bundle or another place from which the package, and so its addon, cannot be found
 * - `addons_disabled`: the runtime was started without addons (`--no-addons`)
 * - `no_permission`: a permission of the runtime (`--permission` of Node.js, those of Deno) or of the file is missing
 * - `seccomp`, `sysctl`, `security_module`: somebody forbade it, and that is where
 * - `kernel_too_old`, `kernel_without`: the kernel cannot do it
 * - `memlock`, `memory`, `descriptors`: a limit was reached
 * - `emulator`: what answers is not the Linux kernel
 * - `unknown`: the system's answer is all that is known
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

/** What was found out about one back end by `probe()`. */
export interface BackendNote {
  readonly backend: BackendName
  readonly available: boolean
  /** What was tried, in the order in which it is needed. Empty where there was nothing to try. */
  readonly steps: readonly BackendStep[]
  /** Why it is absent, with the likely cause. Absent when it works here, as the following are. */
  readonly reason?: string
  readonly cause?: BackendCause
  /** What would make it available. */
  readonly fix?: string
  /** The name of the system's error, where the reason came from the system. */
  readonly systemCode?: string
}

/** A note of a back end that does not work here. */
export type BackendRefusal = Required<Pick<BackendNote, 'reason' | 'cause' | 'fix'>> &
  Pick<BackendNote, 'systemCode'>
