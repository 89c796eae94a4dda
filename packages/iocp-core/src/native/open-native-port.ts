import type { BackendName } from '../contract/backend-note.ts'
import type { CompletePortOptions } from '../contract/driver.ts'
import type { NativeAddon, NativePort } from './addon-types.ts'
import { chooseWaker } from './choose-waker.ts'
import { errnoName } from './errno-name.ts'
import { nativeLimits, receiveBuffers } from './native-limits.ts'

/** The system refused a part of a port: the step in the system's words, and the name of the error. */
export class PortNotMade extends Error {
  readonly step: string
  readonly systemCode: string

  constructor(step: string, systemCode: string) {
    super(`${step} (${systemCode})`)
    this.step = step
    this.systemCode = systemCode
  }
}

/**
 * A port of the addon, which receives into `memory` and wakes its driver. The addon's function outlives the driver, so it
 * must not keep it alive. Closures of one scope share its variables: this scope holds only the weak reference.
 *
 * @throws PortNotMade
 */
export function openNativePort(
  addon: NativeAddon,
  backend: BackendName,
  { receiveBufferBytes, workers }: CompletePortOptions,
  memory: ArrayBuffer,
  driver: WeakRef<{ wake(): void }>,
): NativePort {
  const native = new addon.NativePort(
    backend,
    memory,
    receiveBuffers(receiveBufferBytes),
    receiveBufferBytes,
    nativeLimits.sendArenaBytes.default,
    workers,
    () => driver.deref()?.wake(),
    chooseWaker(addon) === 'loop',
  )
  if (native.status !== 0) throw new PortNotMade(native.failedStep, errnoName(native.status))
  return native
}
