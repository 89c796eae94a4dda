import {
  noValue,
  type Parsed,
  type ParseOptions,
  type ParseResult,
  parsedOf,
  parseWith,
  readWith,
  valueIn,
  whyNoValue,
} from '../contract/parse-with.ts'
import type { Schema } from '../contract/schema.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RpcError } from '../rpc-error.ts'
import { isAlike, keptMembers } from './kept-members.ts'

/**
 * Validates an output, and returns what may be sent: the output as it was given, without the members that its schema
 * drops. Members are dropped only if the schema makes the same value of the rest, so that a transform to another
 * shape loses nothing.
 *
 * Returns a promise only if the schema validates asynchronously. Never throws or rejects.
 *
 * @param options how the output is named in an error: made once by {@link asOutput}
 */
export function checkedOutput(schema: Schema, given: unknown, options: ParseOptions): Parsed<unknown> {
  return parsedOf(readOutput(schema, given, options))
}

/** Like {@link checkedOutput}, without the object around it. @returns the value to send, or {@link noValue} */
export function readOutput(schema: Schema, given: unknown, options: ParseOptions): unknown {
  const made = readWith(schema, given, options)
  return made === noValue ? notMade(schema, given) : stripped(schema, given, made)
}

function notMade(schema: Schema, given: unknown): unknown {
  const why = whyNoValue()
  return valueIn('then' in why ? why.then((result) => strippedLater(schema, given, result)) : why)
}

function strippedLater(schema: Schema, given: unknown, result: ParseResult<unknown>): Parsed<unknown> {
  return result.ok ? parsedOf(stripped(schema, given, result.value)) : result
}

function stripped(schema: Schema, given: unknown, made: unknown): unknown {
  const kept = keptOf(given, made)
  // `chosen` is a separate function, because its closure would create a context for every output.
  return kept === given ? given : valueIn(chosen(schema, given, kept, made))
}

/** Returns `kept` if the schema makes the same value of it as of the whole value. */
function chosen(schema: Schema, given: unknown, kept: unknown, made: unknown): Parsed<unknown> {
  const choose = (again: ParseResult<unknown>): ParseResult<unknown> => ({
    ok: true,
    value: again.ok && isAlike(again.value, made) ? kept : given,
  })
  const again = parseWith(schema, kept)
  return again instanceof Promise ? again.then(choose) : choose(again)
}

/** A getter or a `toJSON` that throws is reported when the output is encoded. */
function keptOf(given: unknown, made: unknown): unknown {
  try {
    return keptMembers(given, made)
  } catch {
    return given
  }
}

/**
 * Returns the options for {@link checkedOutput}.
 *
 * @param what names the output in the text of the error: `the output of chat/join`
 */
export function asOutput(what: string): ParseOptions {
  return { what, code: 'INTERNAL' }
}

/**
 * Returns the output itself.
 *
 * @throws ProtocolError `INVALID_OUTPUT`: a defect of this side, whose details the caller does not see
 */
export function outputOf(result: ParseResult<unknown>): unknown {
  if (result.ok) return result.value
  throw invalidOutput(result.error)
}

/** A defect of this side's own code. */
export function invalidOutput(error: RpcError): ProtocolError {
  const text = `${error.message}. The output of a handler, or the data of a failure that it threw, does not match its schema.`
  return new ProtocolError('INVALID_OUTPUT', text, { cause: error })
}
