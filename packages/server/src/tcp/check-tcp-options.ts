import { checking, readOnce, unknownName } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import type { TcpOptions } from './tcp-options.ts'
import { listenOptionNames } from './tcp-transport.ts'
import { wrongPort } from './wrong-port.ts'

/**
 * Checks the options of `tcp()`, and reads each once. The port checks the values of the listener options.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkTcpOptions(options: TcpOptions): TcpOptions {
  const known = ['completionPort', 'backend', ...listenOptionNames]
  return checking(() => {
    refuse(unknownName('options', options, known))
    const given = readOnce(options, known)
    refuse(wrongPort(given))
    return given
  }, refusal)
}
