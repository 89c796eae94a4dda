import {
  type CloseOptions,
  checkedCloseOptions,
  checking,
  describeValue,
  functionList,
  missingMethods,
  readOnce,
  shapes,
  textOfThrown,
  unknownName,
  wrongChoice,
  wrongKind,
  wrongMetadata,
} from '@frameport/protocol/checks'
import { encodeBody } from '@frameport/protocol/envelope'
import type { AnyClientOptions } from './any-client-options.ts'
import { ClientError } from './client-error.ts'

const names: Readonly<Record<keyof AnyClientOptions, true>> = {
  auth: true,
  metadata: true,
  reconnect: true,
  resume: true,
  offline: true,
  onStateChange: true,
  onSession: true,
  defaultDeadlineMs: true,
  inheritDeadline: true,
  interceptors: true,
  handlers: true,
  middlewares: true,
  onHandlerFailed: true,
  limits: true,
  environment: true,
  onUncaught: true,
  onInvalidEvent: true,
  onEventGap: true,
  onSubscribeFailed: true,
  onChallengeFailed: true,
  onSilentListener: true,
  onContractDifferences: true,
  strict: true,
}

/**
 * Checks the options, and reads each once, so that errors come from `createClient` and not from the first call that
 * needs an option.
 *
 * @param more the names of further options, of a transport
 * @throws ClientError `INVALID_OPTION`
 */
export function checkClientOptions<Options extends AnyClientOptions>(
  given: Options,
  more: readonly string[],
): Options {
  return checking(() => clientOptions(given, [...Object.keys(names), ...more]), refusal)
}

function clientOptions<Options extends AnyClientOptions>(given: Options, known: readonly string[]): Options {
  refuse(unknownName('options', given, known))
  const options = readOnce(given, known)
  const { defaultDeadlineMs, onUncaught, onInvalidEvent, interceptors, environment, metadata } = options
  if (defaultDeadlineMs !== undefined && !(Number.isFinite(defaultDeadlineMs) && defaultDeadlineMs > 0)) {
    refuse(
      `defaultDeadlineMs is ${describeValue(defaultDeadlineMs)}, not a positive number of milliseconds (omit it for no deadline)`,
    )
  }
  refuse(wrongKind('onUncaught', onUncaught, 'function'))
  refuse(wrongKind('onInvalidEvent', onInvalidEvent, 'function'))
  refuse(wrongKind('onEventGap', options.onEventGap, 'function'))
  refuse(wrongKind('onSubscribeFailed', options.onSubscribeFailed, 'function'))
  refuse(wrongKind('onChallengeFailed', options.onChallengeFailed, 'function'))
  refuse(wrongKind('onSilentListener', options.onSilentListener, 'function'))
  refuse(wrongKind('onContractDifferences', options.onContractDifferences, 'function'))
  refuse(wrongKind('resume', options.resume, 'boolean'))
  refuse(wrongChoice('offline', options.offline, ['wait', 'fail']))
  if (options.offline !== undefined && options.reconnect === false)
    refuse(`offline is '${options.offline}', which has no effect with reconnect: false`)
  refuse(wrongKind('onStateChange', options.onStateChange, 'function'))
  refuse(wrongKind('onSession', options.onSession, 'function'))
  refuse(wrongKind('strict', options.strict, 'boolean'))
  refuse(wrongKind('inheritDeadline', options.inheritDeadline, 'boolean'))
  refuse(missingMethods('environment', environment, shapes.environment))
  refuse(wrongMetadata(metadata))
  refuseWrongAuth(options.auth)
  refuse(wrongKind('handlers', options.handlers, 'object'))
  refuse(wrongKind('onHandlerFailed', options.onHandlerFailed, 'function'))
  if (options.handlers === undefined && options.middlewares !== undefined)
    refuse('middlewares has no effect without handlers')
  return {
    ...options,
    interceptors: functionList('interceptors', interceptors, refusal),
    middlewares: functionList('middlewares', options.middlewares, refusal),
  }
}

/** Checks `auth` here, because a session would refuse it too late to name the option. */
function refuseWrongAuth(auth: unknown): void {
  if (auth instanceof Uint8Array || typeof auth === 'function') return
  try {
    encodeBody({ kind: 'value', value: auth })
  } catch (cause) {
    throw refusal(`auth cannot be sent: ${textOfThrown(cause)}`, { cause })
  }
}

/**
 * Reads each option of a close once.
 *
 * @throws ClientError `INVALID_OPTION`; nothing is closed then
 */
export function checkCloseOptions(options: CloseOptions): CloseOptions {
  return checkedCloseOptions(options, refusal)
}

/** @throws ClientError `INVALID_OPTION` */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

export function refusal(problem: string, options: { readonly cause?: unknown } = {}): ClientError {
  return new ClientError('INVALID_OPTION', problem, options)
}
