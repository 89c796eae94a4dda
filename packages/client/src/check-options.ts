import {
  describeValue,
  isDuration,
  missingMethods,
  shapes,
  unknownName,
  wrongKind,
  wrongMetadata,
} from '@frameport/protocol'
import { ClientError } from './client-error.ts'
import type { ClientOptions } from './client-options.ts'

const names: Readonly<Record<keyof ClientOptions, true>> = {
  auth: true,
  metadata: true,
  defaultDeadlineMs: true,
  interceptors: true,
  limits: true,
  environment: true,
  onUncaught: true,
}

/**
 * Options are checked when they are given, and not by the first call that needs them.
 *
 * @param more names that a transport knows beside
 * @throws ClientError `INVALID_OPTION`
 */
export function checkClientOptions(options: ClientOptions, more: readonly string[]): void {
  refuse(unknownName('options', options, [...Object.keys(names), ...more]))
  const { defaultDeadlineMs, onUncaught, interceptors, environment, metadata } = options
  if (defaultDeadlineMs !== undefined && !(Number.isFinite(defaultDeadlineMs) && defaultDeadlineMs > 0)) {
    refuse(
      `defaultDeadlineMs is ${describeValue(defaultDeadlineMs)}, not a number of milliseconds over 0 (leave it out for no deadline)`,
    )
  }
  refuse(wrongKind('onUncaught', onUncaught, 'function'))
  refuse(missingMethods('environment', environment, shapes.environment))
  refuse(wrongMetadata(metadata))
  if (interceptors === undefined) return
  if (!Array.isArray(interceptors)) {
    refuse(`interceptors is ${describeValue(interceptors)}, not an array of functions`)
  }
  for (const [index, interceptor] of interceptors.entries()) {
    refuse(wrongKind(`interceptors[${index}]`, interceptor ?? null, 'function'))
  }
}

/** Why the options of a close cannot be taken, or undefined. Nothing is closed then. */
export function wrongCloseOptions(options: {
  readonly graceMs?: number | undefined
}): ClientError | undefined {
  const problem = unknownName('options', options, ['graceMs']) ?? wrongGrace(options.graceMs)
  return problem === undefined
    ? undefined
    : new ClientError('INVALID_OPTION', `${problem}; nothing was closed`)
}

function wrongGrace(graceMs: unknown): string | undefined {
  if (graceMs === undefined || isDuration(graceMs)) return undefined
  return `graceMs is ${describeValue(graceMs)}, not a number of milliseconds from 0 on`
}

/** @throws ClientError `INVALID_OPTION` */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new ClientError('INVALID_OPTION', problem)
}
