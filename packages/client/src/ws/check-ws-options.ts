import { checking, readOnce, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import type { WebSocketOptions } from './ws-options.ts'

/** Names of {@link WebSocketOptions}. */
export const wsOptionNames: readonly (keyof WebSocketOptions)[] = ['WebSocket']

/**
 * Checks the options of `ws()`, and reads each once.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkWsOptions(options: WebSocketOptions): WebSocketOptions {
  return checking(() => {
    refuse(unknownName('options', options, wsOptionNames))
    const given = readOnce(options, wsOptionNames)
    checkWsValues(given)
    return given
  }, refusal)
}

/**
 * Checks the WebSocket options among the options of a client.
 *
 * @throws ClientError `INVALID_OPTION`
 */
export function checkWsValues({ WebSocket }: WebSocketOptions): void {
  refuse(wrongKind('WebSocket', WebSocket, 'function'))
}
