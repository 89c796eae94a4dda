import { emptyContext } from '@frameport/iocp-core'

/** The async contexts of Node.js (`AsyncLocalStorage`) in which user code is called. */
export { currentContext, emptyContext } from '@frameport/iocp-core'

/**
 * User code of a connection runs in an empty async context, whatever caused it to run: the stream of the connection, or
 * a handler of another connection that publishes or closes it.
 */
export function inEmptyContext<Result>(run: () => Result): Result {
  return emptyContext.runInAsyncScope(run)
}
