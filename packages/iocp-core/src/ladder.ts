import type { BackendName } from './contract/backend-name.ts'
import type { DriverFactory } from './contract/driver.ts'
import type { BackendNote } from './contract/port.ts'
import { nativeDriverFactory } from './native/native-driver-factory.ts'
import { netDriverFactory } from './net/net-driver.ts'

/** The back ends, best first; `auto` takes the first that works. `net` always does. */
export const ladder: readonly DriverFactory[] = [
  notBuilt('iocp', process.platform === 'win32' ? undefined : 'completion ports exist on Windows only'),
  notBuilt('io_uring', process.platform === 'linux' ? undefined : 'io_uring exists on Linux only'),
  nativeDriverFactory('epoll'),
  netDriverFactory,
]

/** What works on this machine, best first, and why the rest does not. */
export function probe(): readonly BackendNote[] {
  return ladder.map(({ backend, unavailable }) => {
    const why = unavailable()
    return why === undefined ? { backend, available: true } : { backend, available: false, ...why }
  })
}

function notBuilt(backend: BackendName, reason: string | undefined): DriverFactory {
  const why = { reason: reason ?? 'it is not built yet in this version', fix: "Use backend 'auto' or 'net'." }
  return {
    backend,
    unavailable: () => why,
    open() {
      throw new Error(`the back end ${backend} cannot be opened: ${why.reason}`)
    },
  }
}
