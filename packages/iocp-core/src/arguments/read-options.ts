import { IocpError } from '../iocp-error.ts'
import { type LimitName, limits } from '../limits.ts'
import { describeValue } from './describe-value.ts'
import { nearestName } from './nearest-name.ts'

/** Checks one value and returns it; `name` is the name of the option, for the error text. */
export type Reader<Value> = (value: unknown, name: string) => Value

/** A reader for each known option. */
export type Readers<Options> = {
  readonly [Name in keyof Options]-?: Reader<Exclude<Options[Name], undefined>>
}

/**
 * Returns a copy of the options: each is read once, checked, and omitted if it is undefined.
 *
 * @throws IocpError `INVALID_ARGUMENT` for an unknown option, with the name that was probably meant; for a value that
 *   its reader refuses; and for a value that is not an object of options.
 */
export function readOptions<Options extends object>(
  given: unknown,
  what: string,
  readers: Readers<Options>,
): Partial<Options> {
  if (given === undefined) return {}
  try {
    return copied(given, what, readers)
  } catch (error) {
    if (IocpError.is(error)) throw error
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `reading the options of ${what} threw an error`,
      cause: error,
    })
  }
}

function copied<Options extends object>(
  given: unknown,
  what: string,
  readers: Readers<Options>,
): Partial<Options> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw noOptions(given, what)
  const names = Object.keys(readers)
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknownOption(name, what, names)
  }
  const options: Record<string, unknown> = {}
  for (const name of names) {
    const value = (given as Record<string, unknown>)[name]
    if (value !== undefined) options[name] = readers[name as keyof Options](value, name)
  }
  // A Date, a Map or a Promise is not meant as options.
  if (Object.keys(options).length === 0 && !isPlain(given)) throw noOptions(given, what)
  return options as Partial<Options>
}

/** Works for objects of every realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export const aBoolean: Reader<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value
  throw wrong(value, name, 'neither true nor false')
}

export const aText: Reader<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw wrong(value, name, 'not a string')
}

export function aFunction<Callback>(value: unknown, name: string): Callback {
  if (typeof value === 'function') return value as Callback
  throw wrong(value, name, 'not a function')
}

/** Checks the members that are used, because a test environment may have a class of its own. */
export const aSignal: Reader<AbortSignal> = (value, name) => {
  const signal = value as Partial<AbortSignal> | null
  const isSignal =
    typeof signal === 'object' &&
    typeof signal?.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' &&
    typeof signal.removeEventListener === 'function'
  if (isSignal) return value as AbortSignal
  throw wrong(value, name, 'not an AbortSignal')
}

export function aNumberWithin(limit: LimitName): Reader<number> {
  const { min, max } = limits[limit]
  return (value, name) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number
    throw wrong(value, name, `not a whole number from ${min} to ${max}`)
  }
}

/** The mode of a file, for chmod(2). An octal number written without 0o is usually too large. */
export const aFileMode: Reader<number> = (value, name) => {
  const { min, max } = limits.unixMode
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
  throw wrong(
    value,
    name,
    `not a whole number from 0 to 0o${max.toString(8)}: write it in octal, for example 0o660`,
  )
}

function wrong(value: unknown, name: string, why: string): IocpError {
  return new IocpError('INVALID_ARGUMENT', { detail: `${name} is ${describeValue(value)}, ${why}` })
}

function noOptions(given: unknown, what: string): IocpError {
  return new IocpError('INVALID_ARGUMENT', {
    detail: `the options of ${what} are ${describeValue(given)}, not an object`,
  })
}

function unknownOption(name: string, what: string, names: readonly string[]): IocpError {
  const nearest = nearestName(name, names)
  return new IocpError('INVALID_ARGUMENT', {
    detail: `${what} has no option ${describeValue(name)}`,
    fix: `${nearest === undefined ? '' : `Perhaps you meant ${nearest}. `}The options are: ${names.join(', ')}.`,
  })
}
