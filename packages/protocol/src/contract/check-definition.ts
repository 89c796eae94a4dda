import { type ValueKind, wrongKind } from '../checks/check-value.ts'
import { unknownName } from '../checks/nearest-name.ts'
import { asSentence } from '../checks/thrown.ts'
import { checking, readOnce } from '../checks/unreadable.ts'
import { invalidContract } from './names.ts'

/** Each member of a definition, with its kind where it has one that is checked here. */
export type Members<Definition> = Readonly<Record<keyof Definition, ValueKind | undefined>>

/**
 * Checks a definition, and reads each member once: it must be an object without unknown members, whose members have the
 * right kinds.
 *
 * @param what the kind of definition: `procedure`
 * @throws ProtocolError INVALID_CONTRACT
 */
export function checkedDefinition<Definition extends object>(
  what: string,
  given: Definition,
  members: Members<Definition>,
): Definition {
  const refusal = (problem: string, options?: { readonly cause: unknown }) =>
    invalidContract(asSentence(`The ${what} cannot be made: ${problem}`), options)
  return checking(() => {
    const unknown = unknownName('its definition', given, Object.keys(members))
    if (unknown !== undefined) throw refusal(unknown)
    const definition = readOnce(given, Object.keys(members))
    for (const [name, kind] of Object.entries(members) as [
      keyof Definition & string,
      ValueKind | undefined,
    ][]) {
      const wrong = kind && wrongKind(name, definition[name], kind)
      if (wrong !== undefined) throw refusal(wrong)
    }
    return definition
  }, refusal)
}
