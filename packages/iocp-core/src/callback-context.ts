import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'

const resourceType = 'Frameport'

/** What node's AsyncResource has for running a function in its context. */
type Scope = Pick<AsyncResource, 'runInAsyncScope'>

/** An async context that callbacks run in. */
export interface CallbackContext extends Scope {
  /** The same context, for one callback: calling its `runInAsyncScope` spares what passing on any number of arguments costs. */
  scope(): Scope
}

/** The context in which this is called, for the callbacks of what is being made in it. */
export function currentContext(): CallbackContext {
  return makeContext()
}

function makeContext(): OneContext {
  return new OneContext(resourceType, { requireManualDestroy: true })
}

class OneContext extends AsyncResource implements CallbackContext {
  scope(): this {
    return this
  }
}

/**
 * The context of nobody: every AsyncLocalStorage is empty in it. Callbacks of accepted connections run here, and
 * what serves many (a turn, a flush, a wake-up, a timer of a port) is started from here, so that it holds on to no
 * one's store.
 */
export const emptyContext: CallbackContext = makeEmptyContext() ?? currentContext()

/**
 * An AsyncResource takes over the stores of whoever makes it, which for a module is whoever imports it first: that may
 * be inside a run of somebody's storage. Stores lie on the resource (in the frame it refers to, from Node 24 on),
 * beside the two ids that `runInAsyncScope` needs. A resource that has these ids only is empty.
 *
 * A new one serves each callback. Where stores lie on the resource, `enterWith` inside a callback would stay on a
 * shared one for every callback after it.
 *
 * Undefined where resources are made otherwise (Bun, Deno).
 */
function makeEmptyContext(): CallbackContext | undefined {
  const model = makeContext() as OneContext & Record<symbol, unknown>
  // Deno has no such ids.
  if (typeof model.asyncId !== 'function' || typeof model.triggerAsyncId !== 'function') return undefined
  const keys = Object.getOwnPropertySymbols(model)
  const asyncId = model.asyncId()
  const triggerAsyncId = model.triggerAsyncId()
  const idKey = keys.find((key) => model[key] === asyncId)
  const triggerKey = keys.find((key) => key !== idKey && model[key] === triggerAsyncId)
  if (idKey === undefined || triggerKey === undefined) return undefined

  class EmptyResource {
    declare readonly runInAsyncScope: AsyncResource['runInAsyncScope'];
    [key: symbol]: number

    constructor() {
      this[idKey as symbol] = asyncId
      this[triggerKey as symbol] = triggerAsyncId
    }
  }
  Object.defineProperty(EmptyResource.prototype, 'runInAsyncScope', {
    value: AsyncResource.prototype.runInAsyncScope,
  })
  const context: CallbackContext = {
    scope: () => new EmptyResource(),
    runInAsyncScope: (callback, thisArg, ...args) =>
      new EmptyResource().runInAsyncScope(callback, thisArg, ...args),
  }
  return isEmpty(context) ? context : undefined
}

function isEmpty(context: CallbackContext): boolean {
  const storage = new AsyncLocalStorage<true>()
  const seen = storage.run(true, () => context.runInAsyncScope(() => storage.getStore()))
  // Node runs hooks for every promise of the process as long as there is a storage in use (up to Node 22).
  storage.disable()
  return seen === undefined
}
