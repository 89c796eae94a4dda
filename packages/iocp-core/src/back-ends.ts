import type { BackendName, BackendNote } from './contract/backend-note.ts'
import { BackendUnavailable } from './contract/backend-unavailable.ts'
import type { DriverFactory } from './contract/driver.ts'
import { nativeDriverFactory } from './native/native-driver-factory.ts'
import { netDriverFactory } from './net/net-driver.ts'

/** The back ends, best first; `auto` takes the first that works. `net` always does. */
export const backEnds: readonly DriverFactory[] = [
  only('win32', 'iocp', 'completion ports exist on Windows only'),
  only('linux', 'io_uring', 'io_uring exists on Linux only'),
  only('linux', 'epoll', 'epoll exists on Linux only'),
  netDriverFactory,
]

/**
 * What works on this machine, best first, and why the rest does not. The system is asked once per process (and
 * thread): each native back end is tried out, and what was taken for it is given back.
 */
export function probe(): readonly BackendNote[] {
  return backEnds.map((factory) => factory.note())
}

/** A native back end where its operating system is, and a note that says so elsewhere. */
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
