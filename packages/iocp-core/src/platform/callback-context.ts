import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'

const resourceType = 'Frameport'

/** The member of `AsyncResource` (node:async_hooks) that runs a function in its context. */
type Scope = Pick<AsyncResource, 'runInAsyncScope'>

/** An async context in which callbacks run: `AsyncLocalStorage` has its stores there. */
export interface CallbackContext extends Scope {
  /** The same context, for one callback. Its `runInAsyncScope` is faster, because it does not have to pass on a variable number of arguments. */
  scope(): Scope
}

/*
 * An AsyncResource takes over the stores of the code that makes it. They lie on the resource (in the frame it refers to,
 * from Node 24 on), under symbols, beside the two ids that `runInAsyncScope` needs. So an object with only the ids is an
 * empty context, and an object with the same members is a copy of one.
 *
 * Each callback gets an object of its own. Where stores lie on the resource, `enterWith` inside a callback would stay
 * on a shared one for every callback after it.
 */

/** Members that are set by the code that makes the object. */
class Copy {
  declare readonly runInAsyncScope: AsyncResource['runInAsyncScope'];
  [key: symbol]: unknown
}
Object.defineProperty(Copy.prototype, 'runInAsyncScope', { value: AsyncResource.prototype.runInAsyncScope })

class CopiedContext implements CallbackContext {
  readonly #members: Scope

  constructor(resource: AsyncResource & { readonly [key: symbol]: unknown }) {
    const members: Record<symbol, unknown> = {}
    for (const key of Object.getOwnPropertySymbols(resource)) members[key] = resource[key]
    this.#members = { ...members, runInAsyncScope: AsyncResource.prototype.runInAsyncScope }
  }

  scope(): Scope {
    // A literal with only a spread: V8 copies it as a whole, in a third of the time of copying key by key.
    return { ...this.#members }
  }

  readonly runInAsyncScope: AsyncResource['runInAsyncScope'] = (callback, thisArg, ...args) =>
    this.scope().runInAsyncScope(callback, thisArg, ...args)
}

/** One resource for every callback, on runtimes that create resources differently (Bun, Deno). */
class SharedContext extends AsyncResource implements CallbackContext {
  scope(): this {
    return this
  }
}

/**
 * Up to Node 23, storages are built on hooks, and stores lie only on resources: an object with only the ids is empty
 * there, and is not tried. The first use of a storage makes V8 run more code for every promise and async function of
 * the process, permanently; importing a library should not cause that.
 */
const storagesUseHooks = '_enable' in AsyncLocalStorage.prototype

const madeEmpty = makeEmptyContext()

/**
 * The empty context, in which every `AsyncLocalStorage` is empty. Callbacks of accepted connections run in it. Work for many connections (a turn, a
 * flush, a wake-up, a timer of a port) starts in it, so that it keeps no store alive.
 *
 * It is constructed, not captured: the module may be imported first inside a run of some storage.
 */
export const emptyContext: CallbackContext =
  madeEmpty ?? new SharedContext(resourceType, { requireManualDestroy: true })

/** Captures the context in which it is called, for later callbacks. */
export function currentContext(): CallbackContext {
  const options = { requireManualDestroy: true }
  return madeEmpty === undefined
    ? new SharedContext(resourceType, options)
    : new CopiedContext(new AsyncResource(resourceType, options) as AsyncResource & Record<symbol, unknown>)
}

function makeEmptyContext(): CallbackContext | undefined {
  const model = new AsyncResource(resourceType, { requireManualDestroy: true }) as AsyncResource &
    Record<symbol, unknown>
  // Deno has no such ids.
  if (typeof model.asyncId !== 'function' || typeof model.triggerAsyncId !== 'function') return undefined
  const keys = Object.getOwnPropertySymbols(model)
  const asyncId = small(model.asyncId())
  const triggerAsyncId = small(model.triggerAsyncId())
  const idKey = keys.find((key) => model[key] === asyncId)
  const triggerKey = keys.find((key) => key !== idKey && model[key] === triggerAsyncId)
  if (idKey === undefined || triggerKey === undefined) return undefined

  class Empty extends Copy {
    constructor() {
      super()
      this[idKey as symbol] = asyncId
      this[triggerKey as symbol] = triggerAsyncId
    }
  }
  const context: CallbackContext = {
    scope: () => new Empty(),
    runInAsyncScope: (callback, thisArg, ...args) => new Empty().runInAsyncScope(callback, thisArg, ...args),
  }
  return storagesUseHooks || isEmpty(context) ? context : undefined
}

/**
 * An integer as V8 keeps small ones, inside of a member. Node reads its ids from an array of doubles, and each object with such a member has a
 * box for it.
 */
function small(id: number): number {
  const integer = id | 0
  return integer === id ? integer : id
}

function isEmpty(context: CallbackContext): boolean {
  const storage = new AsyncLocalStorage<true>()
  const seen = storage.run(true, () => context.runInAsyncScope(() => storage.getStore()))
  storage.disable()
  return seen === undefined
}
