import { constants } from 'node:os'
import type { BackendName, BackendNote, BackendRefusal, BackendStep } from '../contract/backend-note.ts'
import { BackendUnavailable } from '../contract/backend-unavailable.ts'
import type { DriverFactory } from '../contract/driver.ts'
import { readMachineFacts } from '../diagnosis/machine-facts.ts'
import { textOf } from '../diagnosis/missing-permission.ts'
import { refusedStep } from '../diagnosis/refused-step.ts'
import { receiveMemorySteps } from '../memory/receive-memory.ts'
import type { NativeAddon } from './addon-types.ts'
import { hasLoop } from './choose-waker.ts'
import { errnoName } from './errno-name.ts'
import { type LoadedAddon, loadAddon } from './load-addon.ts'
import { NativeDriver } from './native-driver.ts'
import { PortNotMade } from './open-native-port.ts'

/** Its name in the addon's probe. */
const notSentLowStep = 'TCP_NOTSENT_LOWAT'

/** The back end of this name, if the addon for this system contains it and the system supports it. */
export function nativeDriverFactory(backend: BackendName): DriverFactory {
  // The kernel is probed once per process (and thread), because its permissions for a process do not change.
  let known: BackendNote | undefined
  const note = () => {
    const loaded = loadAddon()
    known ??= examine(backend, loaded)
    if (!known.available) return known
    return { ...known, steps: [...known.steps, ...receiveMemorySteps(), ...loopSteps(loaded, backend)] }
  }
  return {
    backend,
    hasWorkers: backend === 'iocp',
    note,
    notSentLowRefusal: () => notSentLowRefusal(note()),
    open(options) {
      const loaded = loadAddon()
      if (!note().available || !('addon' in loaded)) throw new BackendUnavailable(note())
      try {
        return new NativeDriver(loaded.addon, backend, options)
      } catch (error) {
        throw error instanceof PortNotMade ? new BackendUnavailable(notMade(note(), error)) : error
      }
    },
  }
}

/** The answer of an addon, or of its absence, about one of its back ends. */
export function examine(backend: BackendName, loaded: LoadedAddon, facts = readMachineFacts): BackendNote {
  if (!('addon' in loaded)) return absent(backend, [], loaded.refusal)
  const { addon, file } = loaded
  if (!addon.backends.includes(backend)) return absent(backend, [], outdated(addon, file))
  let steps: readonly BackendStep[]
  try {
    steps = addon.probe(backend).map(readStep)
  } catch (error) {
    return absent(backend, [], notThisAddon(file, error))
  }
  const failed = steps.find(({ ok, required }) => required && !ok)
  if (failed === undefined) return { backend, available: true, steps }
  return absent(backend, steps, refusedStep(backend, failed, facts()))
}

/** The probe succeeded, but the real use failed: a limit was reached in between, or by the real size. */
function notMade({ backend, steps }: BackendNote, { step, systemCode }: PortNotMade): BackendNote {
  const failed: BackendStep = { step, required: true, ok: false, systemCode }
  return absent(backend, [...steps, failed], refusedStep(backend, failed, readMachineFacts()))
}

/** Why a back end cannot set it: Linux has a separate step for this, other systems do not support it. */
export function notSentLowRefusal({ steps }: BackendNote): string | undefined {
  const tried = steps.find(({ step }) => step === notSentLowStep)
  if (tried === undefined) return `the system has no ${notSentLowStep}`
  return tried.ok ? undefined : `the system refuses ${notSentLowStep} (${tried.systemCode})`
}

function absent(backend: BackendName, steps: readonly BackendStep[], refusal: BackendRefusal): BackendNote {
  return { backend, available: false, steps, ...refusal }
}

/** Steps that depend on the program and not on the system. */
function loopSteps(loaded: LoadedAddon, backend: BackendName): readonly BackendStep[] {
  if (backend === 'iocp' || !('addon' in loaded)) return []
  return [readStep(['uv_poll', hasLoop(loaded.addon) ? 0 : constants.errno.ENOSYS, false])]
}

function readStep([step, status, required]: ReturnType<NativeAddon['probe']>[number]): BackendStep {
  return status === 0
    ? { step, required, ok: true }
    : { step, required, ok: false, systemCode: errnoName(status) }
}

/** The addon itself never throws: an error comes from another module, or from an addon of another version. */
function notThisAddon(file: string, error: unknown): BackendRefusal {
  return {
    cause: 'addon_broken',
    reason: `the addon ${file} failed when it probed the system: ${textOf(error)}`,
    fix: 'Build it again from the sources of this version: node packages/iocp-core/scripts/build-addon.mjs --force',
  }
}

function outdated({ backends }: NativeAddon, file: string): BackendRefusal {
  return {
    cause: 'addon_outdated',
    reason: `the addon ${file} has only ${backends.join(', ')}: it was built before this version`,
    fix: 'Build it again from the sources of this version: node packages/iocp-core/scripts/build-addon.mjs',
  }
}
