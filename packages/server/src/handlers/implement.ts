import { type Contract, type Procedure, type ProcedureGroup, ProtocolError } from '@frameport/protocol'
import { asSentence, checking, describeValue, nameHint, reading } from '@frameport/protocol/checks'
import { callKindOf, checkContract, isProcedure } from '@frameport/protocol/contract'
import { errorConstructors } from './error-constructors.ts'
import type { ErasedHandler, ErasedMiddleware, HandlerBinding, HandlerPart } from './handler-types.ts'
import type { Implementation, Implementer } from './implementer-types.ts'

/** A place in a contract without its types. */
interface Place {
  /** For error texts: `chat/files.put`. */
  readonly label: string
  readonly target: Procedure | ProcedureGroup
  /** Outermost first. */
  readonly middlewares: readonly ErasedMiddleware[]
  /** `$context` was called. */
  readonly needsContext: boolean
}

/**
 * Starts the implementation of a contract; nothing runs before a server is given the result.
 *
 * ```ts
 * const impl = implement(chat).$context<{ user: User }>()
 * const files = impl.at('files', { put: async ({ input, context }) => … })
 * export const chatHandlers = impl.handlers({ join, history, files })
 * ```
 *
 * A middleware runs around what is implemented after it was added. `handlers()` of an implementer with
 * middlewares puts them around the parts it is given, too, except those that a part has already: none runs
 * twice in a call, and the ones added nearest to the contract's root run first.
 *
 * @throws ProtocolError INVALID_CONTRACT for what is no contract
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
 * That `value` was made by `implement(contract).handlers()`, before anything is done with it.
 *
 * @param taker who asks, for the text: `createServer`
 * @throws ProtocolError INVALID_CONTRACT
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
 * One implementation or several, as a server takes them.
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
        `$context() of ${contract.name} came a second time, or after use(): call it once, directly behind implement(). ` +
          'A middleware adds to the context with next({ context: { … } }).',
      )
    },
    handlers: (handlers: unknown): Implementation<never, unknown> => {
      const bindings = bind(root, handlers)
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
  const below = member(place, name)
  return handlers === undefined ? placeImplementer(below) : partOf(below, handlers)
}

function member(place: Place, name: string): Place {
  const group = place.target as ProcedureGroup
  const target = Object.hasOwn(group, name) ? group[name] : undefined
  if (target === undefined) {
    const hint = nameHint(name, Object.keys(group))
    throw invalidContract(asSentence(`${place.label} has no ${describeValue(name)}${hint}`))
  }
  const label = `${place.label}${place.label.includes('/') ? '.' : '/'}${name}`
  return { ...place, label, target: isProcedure(target) ? target : (target as ProcedureGroup) }
}

function partOf(place: Place, handlers: unknown): HandlerPart<Procedure | ProcedureGroup, never> {
  return { kind: 'handlerPart', target: place.target, bindings: bind(place, handlers) }
}

/** The bindings of everything at a place, their paths relative to it. */
function bind(place: Place, handlers: unknown): readonly HandlerBinding[] {
  if (isHandlerPart(handlers)) return adopt(place, handlers)
  if (isProcedure(place.target)) {
    if (typeof handlers !== 'function') {
      throw invalidContract(`${place.label} needs a function as its handler, not ${typeName(handlers)}.`)
    }
    return [bindOne(place, place.target, handlers as ErasedHandler)]
  }
  if (typeof handlers !== 'object' || handlers === null) {
    throw invalidContract(`${place.label} needs an object of handlers by name, not ${typeName(handlers)}.`)
  }
  const given = handlers as Readonly<Record<string, unknown>>
  const extra = Object.keys(given).find((name) => !Object.hasOwn(place.target, name))
  if (extra !== undefined) member(place, extra)
  return Object.keys(place.target).flatMap((name) => {
    if (given[name] === undefined) {
      throw invalidContract(
        `${member(place, name).label} has no handler: add \`${name}\` to what ${place.label} is given.`,
      )
    }
    return bind(member(place, name), given[name]).map((binding) => ({
      ...binding,
      path: binding.path === '' ? name : `${name}.${binding.path}`,
    }))
  })
}

function bindOne(place: Place, procedure: Procedure, handler: ErasedHandler): HandlerBinding {
  const [contract = '', path = ''] = place.label.split('/')
  return {
    path: '',
    procedure,
    middlewares: place.middlewares,
    handler,
    errors: errorConstructors(procedure),
    input: { what: `the input of ${place.label}` },
    output: { what: `the output of ${place.label}`, code: 'INTERNAL' },
    called: Object.freeze({
      contract,
      path,
      fullName: place.label,
      callKind: callKindOf(procedure),
      idempotent: procedure.idempotent,
    }),
  }
}

/** Puts the middlewares of a place around a part made elsewhere, without running one twice. */
function adopt(place: Place, part: HandlerPart<unknown, never>): readonly HandlerBinding[] {
  if (part.target !== place.target) {
    throw invalidContract(
      `The part given for ${place.label} was made for something else: make it with at() of the same contract ` +
        'and the same name.',
    )
  }
  return part.bindings.map((binding) => {
    const own = binding.middlewares.filter((middleware) => !place.middlewares.includes(middleware))
    return { ...binding, middlewares: [...place.middlewares, ...own] }
  })
}

function isHandlerPart(value: unknown): value is HandlerPart<unknown, never> {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'handlerPart'
}

function invalidContract(text: string, options?: { readonly cause: unknown }): ProtocolError {
  return new ProtocolError('INVALID_CONTRACT', text, options)
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value
}
