import { describeValue, type ValueKind, wrongKind } from '../check-value.ts'
import { unknownName } from '../nearest-name.ts'
import { ProtocolError } from '../protocol-error.ts'
import { invalidContract } from './names.ts'

/** Each member of a definition, with its kind where it has one that is checked here. */
export type Members<Definition> = Readonly<Record<keyof Definition, ValueKind | undefined>>

/**
 * That a definition is an object, has no member that nothing reads, and that its members are of their kinds.
 *
 * @param what what is being defined: `procedure`
 * @throws ProtocolError INVALID_CONTRACT
 */
export function checkDefinition<Definition>(
  what: string,
  given: unknown,
  members: Members<Definition>,
): void {
  try {
    const problem = unknownName('its definition', given, Object.keys(members)) ?? wrongMember(given, members)
    if (problem !== undefined) throw invalidContract(`The ${what} cannot be made: ${problem}.`)
  } catch (error) {
    if (ProtocolError.is(error)) throw error
    throw invalidContract(`The definition of the ${what}, ${describeValue(given)}, throws when it is read.`)
  }
}

function wrongMember<Definition>(given: unknown, members: Members<Definition>): string | undefined {
  for (const [name, kind] of Object.entries(members) as [string, ValueKind | undefined][]) {
    const problem = kind && wrongKind(name, (given as Record<string, unknown>)[name], kind)
    if (problem !== undefined) return problem
  }
  return undefined
}
