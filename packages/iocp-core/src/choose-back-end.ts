import type { BackendChoice, BackendNote } from './contract/backend-note.ts'
import { BackendUnavailable } from './contract/backend-unavailable.ts'
import type { Driver, DriverFactory } from './contract/driver.ts'
import { IocpError } from './iocp-error.ts'
import { readVariable } from './platform/read-variable.ts'

/** Selects a back end if the options do not: `FRAMEPORT_BACKEND=net`. */
export const backendVariable = 'FRAMEPORT_BACKEND'

/** An open back end, and the better ones that should work on this system but do not. */
export interface Choice {
  readonly driver: Driver
  readonly passedOver: readonly BackendNote[]
}

/** The back end that the environment selects; `auto` if the variable is unset or may not be read. */
export function backendFromEnvironment(
  backEnds: readonly DriverFactory[],
  environment?: NodeJS.ProcessEnv,
): BackendChoice {
  const named = readVariable(backendVariable, environment === undefined ? undefined : () => environment)
  if (named === undefined || named === 'auto') return 'auto'
  return known(backEnds, named, backendVariable).backend
}

/**
 * Opens the requested back end. A name is tried alone, because a filter of system calls may end the process that tries
 * another one. `auto` tries the back ends in order, up to the first one that opens.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE`
 */
export function openBackEnd(
  backEnds: readonly DriverFactory[],
  backend: BackendChoice,
  open: (factory: DriverFactory) => Driver,
): Choice {
  if (backend !== 'auto') return { driver: open(known(backEnds, backend, 'backend')), passedOver: [] }
  const passedOver: BackendNote[] = []
  for (const factory of backEnds) {
    const opened = tryToOpen(factory, open)
    if ('driver' in opened) return { driver: opened.driver, passedOver }
    if (opened.note.cause !== 'other_system') passedOver.push(opened.note)
  }
  throw new Error('the last back end of the list always works')
}

function tryToOpen(
  factory: DriverFactory,
  open: (factory: DriverFactory) => Driver,
): { readonly driver: Driver } | { readonly note: BackendNote } {
  try {
    return { driver: open(factory) }
  } catch (error) {
    if (error instanceof BackendUnavailable) return { note: error.note }
    throw error
  }
}

function known(backEnds: readonly DriverFactory[], name: string, source: string): DriverFactory {
  const factory = backEnds.find(({ backend }) => backend === name)
  if (factory !== undefined) return factory
  const names = backEnds.map(({ backend }) => backend).join(', ')
  throw new IocpError('INVALID_ARGUMENT', { detail: `${source} is '${name}', not one of auto, ${names}` })
}

/** A process warning about a choice: its text, and what would help. */
export interface FallbackWarning {
  readonly message: string
  readonly detail: string
}

/** The warning if `auto` selected less than this system should support; otherwise undefined. */
export function fallbackWarning({ driver, passedOver }: Choice): FallbackWarning | undefined {
  if (passedOver.length === 0) return undefined
  const { backend } = driver
  const reasons = group(passedOver, ({ reason }) => reason ?? '').map(
    ([reason, names]) =>
      `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not available: ${reason}`,
  )
  const fixes = group(passedOver, ({ fix }) => fix ?? '').map(([fix]) => fix)
  const stay = `To keep ${backend} and silence this warning, set backend: '${backend}' or ${backendVariable}=${backend}.`
  return {
    message: `The back end is ${backend}, because ${reasons.join('; ')}`,
    detail: [...fixes, stay].join(' '),
  }
}

/** Groups back ends that share a text: a missing addon is one reason, not two. */
function group(
  notes: readonly BackendNote[],
  textOf: (note: BackendNote) => string,
): [text: string, names: string[]][] {
  const texts = new Map<string, string[]>()
  for (const note of notes) texts.set(textOf(note), [...(texts.get(textOf(note)) ?? []), note.backend])
  return [...texts]
}
