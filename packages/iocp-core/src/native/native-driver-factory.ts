import type { BackendName } from '../contract/backend-name.ts'
import type { DriverFactory } from '../contract/driver.ts'
import { IocpError } from '../iocp-error.ts'
import { errnoName } from './errno-name.ts'
import { type LoadedAddon, loadAddon } from './load-addon.ts'
import type { NativeAddon } from './native.ts'
import { NativeDriver } from './native-driver.ts'

type WhyNot = { readonly reason: string; readonly fix: string }

/** The back end of this name, when the addon for this system has it and the system lets it work. */
export function nativeDriverFactory(backend: BackendName): DriverFactory {
  // Asked of the kernel once per process (and thread): what it lets a process do does not change under it.
  let answer: { readonly whyNot: WhyNot | undefined } | undefined
  const whyNot = () => {
    answer ??= { whyNot: unavailable(loadAddon(), backend) }
    return answer.whyNot
  }
  return {
    backend,
    unavailable: whyNot,
    open(options) {
      const loaded = loadAddon()
      const why = whyNot()
      if (why !== undefined || !('addon' in loaded)) {
        throw new IocpError('BACKEND_UNAVAILABLE', { detail: `${backend}: ${why?.reason}` })
      }
      return new NativeDriver(loaded.addon, backend, options.receiveBufferBytes)
    },
  }
}

function unavailable(loaded: LoadedAddon, backend: BackendName): WhyNot | undefined {
  if (!('addon' in loaded)) return { reason: loaded.reason, fix: loaded.fix }
  if (loaded.addon.backends.includes(backend)) return failedStep(loaded.addon, backend)
  return {
    reason: `the addon has only ${loaded.addon.backends.join(', ')}`,
    fix: "Use backend 'auto' or 'net'.",
  }
}

function failedStep(addon: NativeAddon, backend: BackendName): WhyNot | undefined {
  const failed = addon.probe(backend).find(([, status, required]) => required && status !== 0)
  if (failed === undefined) return undefined
  return {
    reason: `the system refuses ${failed[0]} (${errnoName(failed[1])})`,
    fix: "Use backend 'auto' or 'net'.",
  }
}
