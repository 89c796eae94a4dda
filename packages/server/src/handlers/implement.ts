import { type Contract, type Procedure, type ProcedureGroup, ProtocolError } from '@frameport/protocol'
import { checking, describeValue, reading } from '@frameport/protocol/checks'
import { checkContract, isProcedure } from '@frameport/protocol/contract'
import {
  bindHandlers,
  type ErasedMiddleware,
  type HandlerPlace,
  memberPlace,
} from '@frameport/protocol/serving'
import type { HandlerPart } from './handler-types.ts'
import type { Implementation, Implementer } from './implementer-types.ts'

/** A place in a contract without its types. */
interface Place extends HandlerPlace {
  /** `$context` was called. */
  readonly needsContext: boolean
}

/**
 * Starts the implementation of a contract. Give the result of its `handlers()` to `createServer`.
 *
 * A middleware runs around the handlers that are implemented after it was added. `handlers()` of an implementer with
 * middlewares also puts them around the parts that it is given, except for middlewares that a part already has: none
 * runs twice in a call. The first one added is the outermost.
 *
 * @example
 * ```ts
 * const impl = implement(chat).$context<{ user: string }>()
 * const files = impl.at('files', { put: ({ input, context }) => `${context.user}/${input.name}` })
 * export const chatHandlers = impl.handlers({ join: ({ input }) => ({ room: input.room }), files })
 * ```
 *
 * @throws ProtocolError INVALID_CONTRACT if the argument is not a contract
 */
export function implement<Of extends Contract>(contract: Of): Implementer<Of>
export function implement(contract: Contract): unknown {
  checkContract(contract, 'implement()')
  const { name: label, procedures: target } = contract
  const root: Place = { label, target, middlewares: [], needsContext: false }
  const $context = () => contractImplementer(contract, { ...root, needsContext: true })
  return { ...contractImplementer(contract, root), $context }
}

/**
 * Checks that `value` is the result of `implement(contract).handlers()`, for libraries that take an
 * {@link Implementation}.
 *
 * @param taker the name of the function that takes it, for the text of the error: `createServer`
 * @throws ProtocolError INVALID_CONTRACT if it is anything else
 */
export function checkImplementation(value: unknown, taker: string): void {
  const { kind, bindings } = checking(
    () => reading('what was given', () => ({ ...(value as { kind?: unknown; bindings?: unknown }) })),
    invalidContract,
  )
  if (kind === 'implementation' && bindings instanceof Map) return
  const given = kind === 'contract' ? 'a contract without handlers' : describeValue(value)
  throw invalidContract(
    `${taker} needs the implementation of a contract, not ${given}: give implement(contract).handlers({ … }).`,
  )
}

/**
 * Returns one or several implementations as an array.
 *
 * @throws ProtocolError INVALID_CONTRACT
 */
export function checkedImplementations(value: unknown, taker: string): Implementation<never, unknown>[] {
  const list: readonly unknown[] = checking(
    () => reading('what was given', () => (Array.isArray(value) ? [...value] : [value])),
    invalidContract,
  )
  for (const each of list) checkImplementation(each, taker)
  return list as Implementation<never, unknown>[]
}

function contractImplementer(contract: Contract, root: Place): object {
  return {
    use: (middleware: ErasedMiddleware) => contractImplementer(contract, withMiddleware(root, middleware)),
    at: (name: string, handlers?: unknown) => at(root, name, handlers),
    $context: () => {
      throw invalidContract(
        `$context() of ${contract.name} was called a second time, or after use(): call it once, directly after implement(). ` +
          'A middleware adds to the context with next({ context: { … } }).',
      )
    },
    handlers: (handlers: unknown): Implementation<never, unknown> => {
      const bindings = bindHandlers(root, handlers)
      return {
        kind: 'implementation',
        contract,
        needsContext: root.needsContext,
        bindings: new Map(bindings.map((binding) => [binding.path, binding])),
      }
    },
  }
}

function placeImplementer(place: Place): object {
  const use = (middleware: ErasedMiddleware) => placeImplementer(withMiddleware(place, middleware))
  const part = (handlers: unknown) => partOf(place, handlers)
  if (isProcedure(place.target)) return { use, handler: part }
  return { use, at: (name: string, handlers?: unknown) => at(place, name, handlers), handlers: part }
}

function withMiddleware(place: Place, middleware: ErasedMiddleware): Place {
  if (typeof middleware !== 'function') {
    throw invalidContract(`use() of ${place.label} needs a function, not ${describeValue(middleware)}.`)
  }
  return { ...place, middlewares: [...place.middlewares, middleware] }
}

function at(place: Place, name: string, handlers: unknown): unknown {
  const below = memberPlace(place, name)
  return handlers === undefined ? placeImplementer(below) : partOf(below, handlers)
}

function partOf(place: Place, handlers: unknown): HandlerPart<Procedure | ProcedureGroup, never> {
  return { kind: 'handlerPart', target: place.target, bindings: bindHandlers(place, handlers) }
}

function invalidContract(text: string, options?: { readonly cause: unknown }): ProtocolError {
  return new ProtocolError('INVALID_CONTRACT', text, options)
}
