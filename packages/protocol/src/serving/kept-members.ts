import { isPlainObject } from '../checks/is-plain-object.ts'

/**
 * Returns `given` without the members that the schema removed, at every depth; the same object if none was removed. A
 * value that the schema converted (a text to a date) stays as it was given.
 *
 * @param made the result of the schema for `given`
 */
export function keptMembers(given: unknown, made: unknown): unknown {
  if (!leavesOut(given, made) || !isObject(given)) return given
  if (Array.isArray(given))
    return given.map((element, index) => keptMembers(element, (made as Elements)[index]))
  if (typeof given.toJSON === 'function') return keptMembers(given.toJSON(), made)
  const kept = Object.keys(given)
    .filter((name) => Object.hasOwn(made as Members, name))
    .map((name) => [name, keptMembers(given[name], (made as Members)[name])])
  return Object.fromEntries(kept)
}

/** Whether any member of `given` is not in `made`. Most outputs have none: nothing is allocated for those. */
function leavesOut(given: unknown, made: unknown): boolean {
  if (given === made || !isObject(given) || !isObject(made)) return false
  if (Array.isArray(given)) {
    if (!Array.isArray(made) || made.length !== given.length) return false
    for (let index = 0; index < given.length; index++) if (leavesOut(given[index], made[index])) return true
    return false
  }
  if (!isPlainObject(made)) return false
  if (typeof given.toJSON === 'function') return true
  // Object.keys() would make an array for each output.
  for (const name in given) {
    const member = made[name]
    // Few names are names of prototypes, and `Object.hasOwn` takes longer than this.
    if (member === inherited[name] && !Object.hasOwn(made, name)) {
      if (Object.hasOwn(given, name)) return true
    } else if (leavesOut(given[name], member)) return true
  }
  return false
}

/** Whether two results of a schema are alike. A value that is neither plain nor a date is only like itself. */
export function isAlike(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((element, index) => isAlike(element, other[index]))
    )
  }
  if (one instanceof Date) return other instanceof Date && Object.is(one.getTime(), other.getTime())
  if (!isPlainObject(one) || !isPlainObject(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isAlike(one[name], other[name]))
  )
}

type Members = Readonly<Record<string, unknown>>
type Elements = readonly unknown[]

const inherited = Object.prototype as unknown as Members

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null
}
