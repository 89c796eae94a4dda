import { describeValue, wrongKind } from './check-value.ts'
import { reading } from './unreadable.ts'

/**
 * Returns a copy of an option that must be an array of functions; undefined if it was left out.
 *
 * @param refusal makes the error that is thrown for anything else. It is called here, so that the caller is in its
 *   stack
 */
export function functionList<One>(
  name: string,
  given: readonly One[] | undefined,
  refusal: (problem: string) => Error,
): readonly One[] | undefined {
  if (given === undefined) return undefined
  if (!reading(name, () => Array.isArray(given)))
    throw refusal(`${name} is ${describeValue(given)}, not an array of functions`)
  const list = reading(name, () => [...given])
  for (const [index, one] of list.entries()) {
    const problem = wrongKind(`${name}[${index}]`, one ?? null, 'function')
    if (problem !== undefined) throw refusal(problem)
  }
  return list
}
