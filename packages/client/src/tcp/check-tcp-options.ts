import { backendChoices, limits } from '@frameport/iocp-core'
import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  shapes,
  unknownName,
  wrongChoice,
  wrongKind,
} from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import type { TcpOptions } from './tcp-options.ts'

/** Names of {@link TcpOptions}. */
export const tcpOptionNames: readonly (keyof TcpOptions)[] = [
  'completionPort',
  'backend',
  'noDelay',
  'keepAliveIdleMs',
  'resetOnClose',
]

/**
 * Checks the options, and reads each once.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkTcpOptions(options: TcpOptions): TcpOptions {
  return checking(() => {
    refuse(unknownName('options', options, tcpOptionNames))
    const given = readOnce(options, tcpOptionNames)
    checkTcpValues(given)
    return given
  }, refusal)
}

/**
 * Checks the TCP options among the options of a client.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkTcpValues({
  completionPort,
  backend,
  noDelay,
  keepAliveIdleMs,
  resetOnClose,
}: TcpOptions): void {
  checking(() => refuse(missingMethods('completionPort', completionPort, shapes.completionPort)), refusal)
  refuse(wrongChoice('backend', backend, backendChoices))
  refuse(wrongKind('noDelay', noDelay, 'boolean'))
  refuse(wrongKind('resetOnClose', resetOnClose, 'boolean'))
  const { min, max } = limits.keepAliveIdleMs
  if (keepAliveIdleMs === undefined) return
  if (Number.isInteger(keepAliveIdleMs) && keepAliveIdleMs >= min && keepAliveIdleMs <= max) return
  refuse(`keepAliveIdleMs is ${describeValue(keepAliveIdleMs)}, not a whole number from ${min} to ${max}`)
}
