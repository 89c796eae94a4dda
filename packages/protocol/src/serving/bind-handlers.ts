import { describeValue, wrongRecord } from '../checks/check-value.ts'
import { nameHint } from '../checks/nearest-name.ts'
import { asSentence } from '../checks/thrown.ts'
import { isProcedure } from '../contract/check-procedure.ts'
import { callKindOf } from '../contract/kind-of-call.ts'
import type { Procedure, ProcedureGroup } from '../contract/procedure.ts'
import { ProtocolError } from '../protocol-error.ts'
import { errorConstructors } from './error-constructors.ts'
import type { ErasedHandler, ErasedMiddleware, HandlerBinding } from './handler-types.ts'

/** A place in a contract, without its types. */
export interface HandlerPlace {
  /** The name of the place in error texts: `chat/files.put`. */
  readonly label: string
  /** The procedure or the group at that place. */
  readonly target: Procedure | ProcedureGroup
  /** The middlewares of the place, outermost first. */
  readonly middlewares: readonly ErasedMiddleware[]
}

/** Handlers of a part of a contract, written elsewhere. */
interface BoundPart {
  readonly target: unknown
  readonly bindings: readonly HandlerBinding[]
}

/**
 * Returns the place of a member of a group.
 *
 * @throws ProtocolError INVALID_CONTRACT if the group has no such member
 */
export function memberPlace<Place extends HandlerPlace>(place: Place, name: string): Place {
  const group = place.target as ProcedureGroup
  const target = Object.hasOwn(group, name) ? group[name] : undefined
  if (target === undefined) {
    const hint = nameHint(name, Object.keys(group))
    throw invalidContract(asSentence(`${place.label} has no ${describeValue(name)}${hint}`))
  }
  const label = `${place.label}${place.label.includes('/') ? '.' : '/'}${name}`
  return { ...place, label, target: isProcedure(target) ? target : (target as ProcedureGroup) }
}

/**
 * Binds the handlers of a place to its procedures.
 *
 * @returns the bindings, with paths relative to the place
 * @throws ProtocolError INVALID_CONTRACT if a handler is missing, unknown or of another contract
 */
export function bindHandlers(place: HandlerPlace, handlers: unknown): readonly HandlerBinding[] {
  if (isHandlerPart(handlers)) return adopt(place, handlers)
  if (isProcedure(place.target)) {
    if (typeof handlers !== 'function') {
      throw invalidContract(`${place.label} needs a function as its handler, not ${describeValue(handlers)}.`)
    }
    return [bindOne(place, place.target, handlers as ErasedHandler)]
  }
  const problem = wrongRecord(handlers, Object.keys(place.target))
  if (problem !== undefined) {
    throw invalidContract(asSentence(`${place.label} needs an object of handlers, but was given ${problem}`))
  }
  const given = handlers as Readonly<Record<string, unknown>>
  const extra = Object.keys(given).find((name) => !Object.hasOwn(place.target, name))
  if (extra !== undefined) memberPlace(place, extra)
  return Object.keys(place.target).flatMap((name) => {
    if (given[name] === undefined) {
      throw invalidContract(
        `${memberPlace(place, name).label} has no handler: add \`${name}\` to the handlers of ${place.label}.`,
      )
    }
    return bindHandlers(memberPlace(place, name), given[name]).map((binding) => ({
      ...binding,
      path: binding.path === '' ? name : `${name}.${binding.path}`,
    }))
  })
}

function bindOne(place: HandlerPlace, procedure: Procedure, handler: ErasedHandler): HandlerBinding {
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

/** Puts the middlewares of a place around a part that was made elsewhere, but runs none of them twice. */
function adopt(place: HandlerPlace, part: BoundPart): readonly HandlerBinding[] {
  if (part.target !== place.target) {
    throw invalidContract(
      `The part given for ${place.label} belongs elsewhere: make it with at() of the same contract ` +
        'and the same name.',
    )
  }
  return part.bindings.map((binding) => {
    const own = binding.middlewares.filter((middleware) => !place.middlewares.includes(middleware))
    return { ...binding, middlewares: [...place.middlewares, ...own] }
  })
}

function isHandlerPart(value: unknown): value is BoundPart {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'handlerPart'
}

function invalidContract(text: string): ProtocolError {
  return new ProtocolError('INVALID_CONTRACT', text)
}
