import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { toBody } from '../contract/to-body.ts'
import type { Body } from '../envelope/codec.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import { AbortGate } from './abort-gate.ts'
import { reasonOf } from './call-failure.ts'
import { asOutput, checkedOutput, outputOf } from './checked-output.ts'

/** How a producer ended. */
export type PumpOutcome =
  /** It has no more items. */
  | { readonly kind: 'completed' }
  /** It threw. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It was left in the middle: `left` settles, never rejects, once it has stopped. */
  | { readonly kind: 'left'; readonly error: unknown; readonly left: Promise<void> }

/**
 * Sends the items of a stream. The producer is asked for the next one only when the caller has granted it and the
 * connection is not over its watermark: a slow reader makes the producer wait.
 *
 * When the call is aborted the producer's `return()` is called and not waited for, since a generator that waits
 * for ever never runs it. Rejects only when what should give the items cannot be iterated.
 */
export async function pumpItems(
  call: IncomingCall,
  entry: ProcedureEntry,
  items: AsyncIterable<unknown>,
  options: {
    readonly validate: boolean
    readonly onReturnFailed: (error: unknown) => void
    /** Is told each item that was sent, as the producer gave it. */
    readonly onItem?: ((item: unknown) => void) | undefined
  },
): Promise<PumpOutcome> {
  const schema = entry.procedure.items
  const asItem = asOutput(`an item of ${entry.fullName}`)
  const gate = new AbortGate(call.signal)
  const iterator = items[Symbol.asyncIterator]()
  let failed = false
  try {
    for (;;) {
      if (!call.canSendItem) await call.ready()
      let next: IteratorResult<unknown>
      try {
        const asked = iterator.next()
        call.handlerStarted() // The first time counts.
        next = await gate.wait(asked)
      } catch (error) {
        failed = !call.signal.aborted
        throw error
      }
      if (next.done === true) return { kind: 'completed' }
      const checked =
        options.validate && schema !== undefined ? checkedOutput(schema, next.value, asItem) : undefined
      const item = checked === undefined ? next.value : outputOf('then' in checked ? await checked : checked)
      // Streams that waited for the same room are let go together, and the first ones may have used it up.
      while (!call.canSendItem) await call.ready()
      sendItem(call, toBody(schema, item))
      options.onItem?.(next.value)
    }
  } catch (error) {
    if (failed) return { kind: 'failed', error }
    return { kind: 'left', error, left: leave(iterator, options.onReturnFailed) }
  } finally {
    gate.close()
  }
}

/** @throws ProtocolError for an item without a form on the wire: this side's own fault, and no text for the caller */
function sendItem(call: IncomingCall, body: Body): void {
  try {
    call.sendItem(body)
  } catch (error) {
    throw reasonOf(error)
  }
}

/** Settles, never rejects, when the producer has stopped. */
async function leave(
  iterator: AsyncIterator<unknown>,
  onReturnFailed: (error: unknown) => void,
): Promise<void> {
  try {
    await iterator.return?.()
  } catch (error) {
    onReturnFailed(error)
  }
}
