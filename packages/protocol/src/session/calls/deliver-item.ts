import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingCallEvents } from '../common/call-types.ts'
import { itemSize } from '../flow/decoded-size.ts'
import { keptBody } from '../flow/own-bytes.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { shortItemBytes } from './item-receiver.ts'
import { readAnswer } from './outgoing-failures.ts'

/**
 * Delivers an item of the answer to the caller: a long one undecoded, if the caller accepts that.
 *
 * @returns the error with which the call must end, if the item cannot be read
 */
export function deliverItem(
  core: SessionCore,
  events: OutgoingCallEvents,
  encoded: EnvelopeBody,
): RpcError | undefined {
  const bytes = encoded.bytes.length
  const isLong = events.longItem !== undefined && bytes > shortItemBytes && bytes <= core.limits.bodyBytesMax
  const heldBytes = itemSize(encoded, isLong, core.memory.mayGuess)
  if (isLong) {
    deliverLong(core, events, encoded, heldBytes)
    return undefined
  }
  const body = readAnswer(core, encoded, 'an item')
  if (RpcError.is(body)) return body
  core.guard(() => events.item(body, bytes, heldBytes))
  return undefined
}

function deliverLong(
  core: SessionCore,
  events: OutgoingCallEvents,
  encoded: EnvelopeBody,
  heldBytes: number,
): void {
  const held = keptBody(encoded)
  const read = () => readAnswer(core, held, 'an item')
  core.guard(() => events.longItem?.(read, held.bytes.length, heldBytes))
}
