import { emptyContext } from '@frameport/iocp-core'

/** The async contexts of Node (`AsyncLocalStorage`) in which what users wrote is called. */
export { currentContext, emptyContext } from '@frameport/iocp-core'

/**
 * Whoever makes a connection do something (its stream, a handler of another one that publishes or closes it), what
 * users wrote for it runs in the context of nobody.
 */
export function inEmptyContext<Result>(run: () => Result): Result {
  return emptyContext.runInAsyncScope(run)
}
