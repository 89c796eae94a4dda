import { unknownName } from '@frameport/protocol'
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
  const problem = unknownName('options', options, [...Object.keys(names), ...more])
  if (problem !== undefined) throw new ClientError('INVALID_OPTION', problem)
  const { defaultDeadlineMs, onUncaught, interceptors } = options
  if (defaultDeadlineMs !== undefined && !(Number.isFinite(defaultDeadlineMs) && defaultDeadlineMs > 0)) {
    throw new ClientError(
      'INVALID_OPTION',
      `defaultDeadlineMs is ${String(defaultDeadlineMs)}, not a number of milliseconds over 0 (leave it out for no deadline)`,
    )
  }
  if (onUncaught !== undefined && typeof onUncaught !== 'function') {
    throw new ClientError('INVALID_OPTION', `onUncaught is a ${typeof onUncaught}, not a function`)
  }
  if (interceptors?.some((interceptor) => typeof interceptor !== 'function')) {
    throw new ClientError('INVALID_OPTION', 'interceptors holds what is no function')
  }
}
