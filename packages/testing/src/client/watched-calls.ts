import type { Interceptor } from '@frameport/client'
import { hasItems } from '@frameport/protocol/contract'
import type { ProcessHold } from './process-hold.ts'
import type { ServerLog } from './server-log.ts'

type Next = () => Promise<IteratorResult<unknown, unknown>>

/**
 * The layer next to the connection, so that the interceptors of a test see the same as over TCP. It keeps the process
 * alive while a call or the next item is awaited, and explains failures by the server's log.
 */
export function watchedCalls(log: ServerLog, hold: ProcessHold): Interceptor {
  // The stack of the failure contains the awaiting code, as long as async functions await each other.
  const watched = async <Result>(run: () => Promise<Result>) => {
    try {
      return await hold.during(run)
    } catch (error) {
      log.explain(error)
      throw error
    }
  }
  return async (call, next) => {
    const result = await watched(() => next(call))
    if (!hasItems(call.procedure.callKind)) return result
    // Replaced in place, so that the stream keeps all its other features.
    const items = result as { next: Next }
    const nextItem = items.next.bind(items)
    items.next = () => watched(nextItem)
    return items
  }
}
