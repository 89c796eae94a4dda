import { hasBrand } from '@frameport/framing/checks'

const brand = Symbol.for('frameport.Unreadable')

/**
 * Thrown if a given value is unreadable, because a getter or a trap of it throws: that error is the `cause`. Never
 * leaves a package: each converts it to an error of its own.
 */
class Unreadable extends Error {
  readonly [brand] = true

  /** True for an Unreadable of any copy of this package. */
  static is(value: unknown): value is Unreadable {
    return hasBrand(value, brand)
  }
}

/**
 * Returns what `read` returns.
 *
 * @throws Unreadable if it throws, with that error as the cause
 */
export function reading<Value>(what: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw new Unreadable(`${what} throws when it is read`, { cause })
  }
}

/**
 * Returns what `check` returns. If a value cannot be read, the error of `refusal` is thrown.
 *
 * @param refusal gets the problem as a text, and the error of the getter or the trap as the cause
 */
export function checking<Value>(
  check: () => Value,
  refusal: (problem: string, options: { readonly cause: unknown }) => Error,
): Value {
  try {
    return check()
  } catch (error) {
    if (Unreadable.is(error)) throw refusal(error.message, { cause: error.cause })
    throw error
  }
}

/**
 * Returns a copy of options that reads each once, so that the values that were checked are the ones that are used.
 * Names that are not `known` are left out.
 *
 * @throws Unreadable if a getter throws: see {@link checking}
 */
export function readOnce<Options extends object>(options: Options, known: readonly string[]): Options {
  const read: Record<string, unknown> = {}
  for (const name of known) {
    const value = reading(name, () => (options as Readonly<Record<string, unknown>>)[name])
    if (value !== undefined) read[name] = value
  }
  return read as Options
}
