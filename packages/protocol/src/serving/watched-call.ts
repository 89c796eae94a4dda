import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { RpcError } from '../rpc-error.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { WatchedOperations } from '../watched-operations.ts'
import type { CallEnd, CallObserver } from './call-observer.ts'

/** A call that this side answers, as code that publishes calls sees it. */
export interface WatchedCall {
  /** The call of the session. */
  readonly call: IncomingCall
  /** The procedure that was called. */
  readonly entry: ProcedureEntry
  /** Adds an observer, as `next()` of a middleware does. Its `onEnd` is called after those of all middlewares. */
  observe(observer: CallObserver): void
}

/** The message about a call that this side answers. All events of a call have the same object. */
export interface IncomingCallMessage {
  /** Undefined until the call has ended. `refused`: no handler was run. The others are those of `CallEnd`. */
  outcome: CallEnd['outcome'] | 'refused' | undefined
  /** The number of items that were sent. */
  items: number
  /** Milliseconds from the arrival of the call to its end. Undefined until then. */
  durationMs: number | undefined
  /** The error that the caller gets, with the error of the handler as its `cause`, or why the caller has left. */
  error: RpcError | undefined
}

/**
 * Publishes a call that this side answers.
 *
 * @param begin starts the call
 * @returns what `begin` returns
 */
export function watchCall<Message extends IncomingCallMessage, Result>(
  operations: WatchedOperations<Message>,
  call: WatchedCall,
  message: Message,
  nowMs: () => number,
  begin: () => Result,
): Result {
  const beganAtMs = nowMs()
  return operations.run(message, (ended) => {
    call.observe({
      onEnd({ outcome, items, error }) {
        message.outcome = outcome
        message.items = items
        message.durationMs = nowMs() - beganAtMs
        ended(error)
      },
    })
    return begin()
  })
}
