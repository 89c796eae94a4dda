import type { BackendName, BackendNote } from './contract/backend-note.ts'
import { BackendUnavailable } from './contract/backend-unavailable.ts'
import type { DriverFactory } from './contract/driver.ts'
import { nativeDriverFactory } from './native/native-driver-factory.ts'
import { netDriverFactory } from './net/net-driver.ts'

/** The back ends, best first. `auto` selects the first one that works. `net` always works. */
export const backEnds: readonly DriverFactory[] = [
  only('win32', 'iocp', 'completion ports exist on Windows only'),
  only('linux', 'io_uring', 'io_uring exists on Linux only'),
  only('linux', 'epoll', 'epoll exists on Linux only'),
  netDriverFactory,
]

/**
 * Returns a note for each back end, best first: whether it works on this machine, and why not. Each native back end is tried, and everything
 * that was opened for it is closed again. The system is probed once per process (and worker thread).
 *
 * @example
 * ```ts
 * for (const { backend, available, reason } of probe()) console.log(backend, available ? 'works' : reason)
 * ```
 */
export function probe(): readonly BackendNote[] {
  return backEnds.map((factory) => factory.note())
}

/** A native back end on its operating system, and elsewhere a note that explains its absence. */
function only(platform: NodeJS.Platform, backend: BackendName, elsewhere: string): DriverFactory {
  return process.platform === platform ? nativeDriverFactory(backend) : absent(backend, elsewhere)
}

function absent(backend: BackendName, reason: string): DriverFactory {
  const note: BackendNote = {
    backend,
    available: false,
    steps: [],
    cause: 'other_system',
    reason,
    fix: "Use backend 'auto', which selects the best one that works here.",
  }
  return {
    backend,
    note: () => note,
    notSentLowRefusal: () => reason,
    open() {
      throw new BackendUnavailable(note)
    },
  }
}
