import { onLateFailure } from '@frameport/framing/checks'
import type { RpcError } from '@frameport/protocol'

/**
 * Where events go that were left out: to the user's hook, or the first of a client to the console.
 *
 * @param hookFailed told what the hook throws or rejects with
 */
export function invalidEventReport(
  onInvalidEvent: ((error: RpcError) => unknown) | undefined,
  hookFailed: (error: unknown) => void,
): (error: RpcError) => void {
  if (onInvalidEvent === undefined) return firstToConsole()
  return (error) => {
    try {
      onLateFailure(onInvalidEvent(error), hookFailed)
    } catch (thrown) {
      hookFailed(thrown)
    }
  }
}

function firstToConsole(): (error: RpcError) => void {
  let warned = false
  return ({ message }) => {
    if (warned) return
    warned = true
    // biome-ignore lint/suspicious/noConsole: an event that is lost must not be lost in silence, and no hook was given.
    console.warn(`frameport: ${message}. Further ones are not reported: give onInvalidEvent to see each.`)
  }
}
