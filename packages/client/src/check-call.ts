import {
  describeValue,
  type Metadata,
  missingMethods,
  RpcError,
  shapes,
  unknownName,
  wrongMetadata,
} from '@frameport/protocol'
import type { InterceptedCall } from './client-options.ts'
import type { CallOptions } from './client-types.ts'

const names: readonly (keyof CallOptions)[] = ['deadlineMs', 'signal', 'metadata']

/** Of a call that gives none. They need no check. */
export const noOptions: CallOptions = Object.freeze({})
export const noMetadata: Metadata = Object.freeze({})

/**
 * What is wrong with the names of the options that a call was given, or undefined. Their values are checked once
 * interceptors have had their turn.
 */
export function wrongCallOptions(options: unknown): RpcError | undefined {
  const problem = unknownName('options', options, names)
  return problem === undefined ? undefined : notMade(problem)
}

/**
 * What a call, or an interceptor of it, asks for, before anything of it is done.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function checkCall({ deadlineMs, signal, metadata }: InterceptedCall): void {
  if (deadlineMs !== undefined && !Number.isFinite(deadlineMs)) {
    refuse(
      `deadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds (leave it out for no deadline)`,
    )
  }
  if (signal !== undefined) refuse(missingMethods('signal', signal, shapes.signal))
  if (metadata !== noMetadata) refuse(wrongMetadata(metadata))
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw notMade(problem)
}

function notMade(problem: string): RpcError {
  return new RpcError('INVALID_ARGUMENT', `the call was not made: ${problem}`)
}
