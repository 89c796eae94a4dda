import type { BackendName } from '../contract/backend-name.ts'
import type { DriverFactory } from '../contract/driver.ts'
import { IocpError } from '../iocp-error.ts'
import { type LoadedAddon, loadAddon } from './load-addon.ts'
import { NativeDriver } from './native-driver.ts'

/** The back end of this name, when the addon for this system has it. The name is the addon's own word. */
export function nativeDriverFactory(backend: BackendName): DriverFactory {
  return {
    backend,
    unavailable: () => unavailable(loadAddon(), backend),
    open(options) {
      const loaded = loadAddon()
      const why = unavailable(loaded, backend)
      if (why !== undefined || !('addon' in loaded)) {
        throw new IocpError('BACKEND_UNAVAILABLE', { detail: `${backend}: ${why?.reason}` })
      }
      return new NativeDriver(loaded.addon, options.receiveBufferBytes)
    },
  }
}

function unavailable(
  loaded: LoadedAddon,
  backend: BackendName,
): { readonly reason: string; readonly fix: string } | undefined {
  if (!('addon' in loaded)) return { reason: loaded.reason, fix: loaded.fix }
  if (loaded.addon.backend === backend) return undefined
  return {
    reason: `the addon has the back end ${loaded.addon.backend}`,
    fix: "Use backend 'auto' or 'net'.",
  }
}
