import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { RpcError } from '../rpc-error.ts'
import type { IncomingCall } from '../session/common/call-types.ts'
import type { WatchedOperations } from '../watched-operations.ts'
import type { CallEnd, CallObserver } from './call-observer.ts'

/** A call that a side answers, as it is shown to code that watches calls. */
export interface WatchedCall {
  readonly call: IncomingCall
  readonly entry: ProcedureEntry
  /** Takes an observer as `next()` of a middleware does. It hears of the end of the call after the observers of all middlewares. */
  observe(observer: CallObserver): void
}

/** What is published of a call that is answered: one object for all events of the call. */
export interface IncomingCallMessage {
  /** Undefined before the call has ended. `refused`: no handler was run. The others are those of `CallEnd`. */
  outcome: CallEnd['outcome'] | 'refused' | undefined
  /** Items that were sent. */
  items: number
  /** From the arrival of the call to its end. Undefined before that. */
  durationMs: number | undefined
  /** What the caller is told, with what the handler threw as its `cause`, or why the caller has left. */
  error: RpcError | undefined
}

/** Publishes a call that is answered, and runs `begin`, which begins it. */
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
