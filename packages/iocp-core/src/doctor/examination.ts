import { createRequire } from 'node:module'
import { backendVariable } from '../choose-back-end.ts'
import type { BackendName, BackendNote } from '../contract/backend-note.ts'
import { BackendUnavailable } from '../contract/backend-unavailable.ts'
import type { CompletionPortOptions } from '../contract/completion-port.ts'
import type { DriverFactory } from '../contract/driver.ts'
import { openWithOptions } from '../create-completion-port.ts'
import { type MachineFacts, readMachineFacts } from '../diagnosis/machine-facts.ts'
import { IocpError } from '../iocp-error.ts'
import { wakerVariable } from '../native/choose-waker.ts'
import { loadAddon } from '../native/load-addon.ts'
import { readVariable } from '../platform/read-variable.ts'

/** The facts that are known before anything is tried. */
export interface Surroundings {
  readonly version: string
  readonly runtime: string
  readonly facts: MachineFacts
  /** The value of FRAMEPORT_BACKEND. */
  readonly backendVariable: string | undefined
  /** The value of FRAMEPORT_WAKER. */
  readonly wakerVariable: string | undefined
}

/** The result of createCompletionPort() here: the back end it selects, or its error text. */
type Outcome = { readonly backend: BackendName } | { readonly error: string }

export interface Findings {
  readonly addonFile: string | undefined
  readonly notes: readonly BackendNote[]
  /** The best back end that this operating system could have. */
  readonly expected: BackendName
  /** Without options. */
  readonly outcome: Outcome
  /** With the back end that is required, if one is. */
  readonly requiredOutcome: Outcome | undefined
}

export function lookAround(): Surroundings {
  const require = createRequire(import.meta.url)
  const { version } = require('@frameport/iocp-core/package.json') as { readonly version: string }
  return {
    version,
    runtime: runtimeName(process.versions),
    facts: readMachineFacts(),
    backendVariable: readVariable(backendVariable),
    wakerVariable: readVariable(wakerVariable),
  }
}

/** Bun and Deno call themselves Node.js, too, and give their own names beside it. */
export function runtimeName(versions: Readonly<Record<string, string | undefined>>): string {
  if (versions.bun !== undefined) return `Bun ${versions.bun}`
  if (versions.deno !== undefined) return `Deno ${versions.deno}`
  return `Node.js ${versions.node}`
}

/**
 * Tries every back end, opens the one that createCompletionPort() would, and the required one. If a filter ends the process
 * for a forbidden call, it ends here.
 */
export async function examineAll(
  backEnds: readonly DriverFactory[],
  required: BackendName | undefined,
): Promise<Findings> {
  const tried = backEnds.map((factory) => factory.note())
  const { outcome, refused } = await openAndClose({})
  const ofRequired = required === undefined ? undefined : await openAndClose({ backend: required })
  refused.push(...(ofRequired?.refused ?? []))
  // A back end that could be probed but not opened has more to report.
  const notes = tried.map((note) => refused.find(({ backend }) => backend === note.backend) ?? note)
  const loaded = process.platform === 'linux' || process.platform === 'win32' ? loadAddon() : undefined
  const addonFile = loaded !== undefined && 'file' in loaded ? loaded.file : undefined
  return { addonFile, notes, expected: expectedOf(notes), outcome, requiredOutcome: ofRequired?.outcome }
}

export function expectedOf(notes: readonly BackendNote[]): BackendName {
  return notes.find(({ cause }) => cause !== 'other_system')?.backend ?? 'net'
}

async function openAndClose(
  options: CompletionPortOptions,
): Promise<{ readonly outcome: Outcome; readonly refused: BackendNote[] }> {
  try {
    const { driver, passedOver } = openWithOptions(options)
    await driver.close()
    return { outcome: { backend: driver.backend }, refused: [...passedOver] }
  } catch (error) {
    if (!IocpError.is(error)) throw error
    return {
      outcome: { error: error.message },
      refused: error instanceof BackendUnavailable ? [error.note] : [],
    }
  }
}
