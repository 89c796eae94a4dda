import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isThenable } from '../checks/is-thenable.ts'
import type { Body } from '../envelope/codec.ts'
import { peerText } from '../envelope/peer-text.ts'
import { RpcError } from '../rpc-error.ts'
import { contractLimits } from './contract-limits.ts'
import { isBytesSchema, type ReceivedType, type Schema } from './schema.ts'

/** One problem of a value. */
export interface ValidationIssue {
  /** Member names and indexes joined by dots: `people.0.name`. Empty for the value as a whole. */
  readonly path: string
  /** The text of the schema's library, for people. */
  readonly text: string
}

/** The data of the RpcError for a value that does not match its schema. `contractLimits` bounds them. */
export interface ValidationData {
  /** The first issues, at most `contractLimits.issuesMax`. */
  readonly issues: readonly ValidationIssue[]
  /** The number of further issues. */
  readonly issuesLeftOut: number
}

/** Options of {@link parseWith} and {@link parseBody}, for the error of a value that is not valid. */
export interface ParseOptions {
  /** Names the value in the text of the error: `the input of chat/join`. Default: `the value`. */
  readonly what?: string | undefined
  /** The code of the error: INVALID_ARGUMENT blames the caller, INTERNAL the callee. Default: INVALID_ARGUMENT. */
  readonly code?: 'INVALID_ARGUMENT' | 'INTERNAL' | undefined
  /** Whether the call may have run nevertheless. Default: false. */
  readonly maybeExecuted?: boolean | undefined
  /** The full name of the procedure that failed: `chat/join`. Default: none. */
  readonly procedure?: string | undefined
}

/** The result of {@link parseWith}: the value, or the error for a value that does not match. */
export type ParseResult<Value> =
  | {
      readonly ok: true
      /** The value after the transforms of the schema. */
      readonly value: Value
    }
  | {
      readonly ok: false
      /** The error, with {@link ValidationData} as its data unless the validator threw. */
      readonly error: RpcError
    }

/** A result, or a promise of it if the schema validates asynchronously. */
export type Parsed<Value> = ParseResult<Value> | Promise<ParseResult<Value>>

/** Replaces a value that does not match, or that is not known yet. */
export const noValue: unique symbol = Symbol('noValue')

/** The reason why the last value is missing. */
let missing: Missing | undefined

type Missing = Extract<ParseResult<unknown>, { readonly ok: false }> | Promise<ParseResult<unknown>>

/**
 * Returns the reason why there is no value. Call it after {@link noValue} was returned, before anything else is
 * validated.
 */
export function whyNoValue(): Missing {
  const why = missing as Missing
  missing = undefined
  return why
}

/** Unwraps a result of {@link parseWith} or {@link parseBody}. @returns the value, or {@link noValue} */
export function valueIn(parsed: Parsed<unknown>): unknown {
  if (!('then' in parsed) && parsed.ok) return parsed.value
  return without(parsed)
}

function without(why: Missing): typeof noValue {
  missing = why
  return noValue
}

/** Wraps a value that was read, as {@link parseWith} returns it. */
export function parsedOf<Value>(read: unknown): Parsed<Value> {
  return (read === noValue ? whyNoValue() : { ok: true, value: read }) as Parsed<Value>
}

/**
 * Like {@link parseWith}, without an object around the value, because a call validates two or three values.
 *
 * @returns the value, or {@link noValue}
 */
export function readWith(schema: Schema, value: unknown, options: ParseOptions): unknown {
  try {
    const result = schema['~standard'].validate(value)
    if (isThenable(result)) {
      return without(
        Promise.resolve(result).then(
          (settled) => parsedOf<unknown>(conclude(settled, options)),
          (cause: unknown) => validatorFailed(cause, options),
        ),
      )
    }
    return conclude(result, options)
  } catch (cause) {
    return without(validatorFailed(cause, options))
  }
}

/** Like {@link parseBody}. @returns the value, or {@link noValue} */
export function readBody(schema: Schema | undefined, body: Body, options: ParseOptions): unknown {
  const expected = bodyKindOf(schema)
  if (schema === undefined) {
    if (body.kind === 'none') return undefined
  } else if (body.kind === 'raw') {
    if (expected === 'raw') return readWith(schema, body.bytes, options)
  } else if (expected === 'value') {
    return readWith(schema, body.kind === 'value' ? body.value : undefined, options)
  }
  const text = `expected ${kindTexts[expected]}, got ${kindTexts[body.kind]}`
  return without({ ok: false, error: invalid([{ path: '', text }], 0, options) })
}

/**
 * Validates `value` and applies the transforms of the schema. Never throws or rejects.
 *
 * A value that does not match gives an RpcError with `code` and {@link ValidationData}. A validator that throws gives
 * INTERNAL with the thrown error as the `cause`, which is never sent.
 */
export function parseWith<S extends Schema>(
  schema: S,
  value: unknown,
  options: ParseOptions = {},
): Parsed<ReceivedType<S>> {
  return parsedOf(readWith(schema, value, options))
}

/**
 * {@link parseWith} for a body. The body must be of the kind that the schema declares, and there must be none without
 * a schema.
 */
export function parseBody<S extends Schema | undefined>(
  schema: S,
  body: Body,
  options: ParseOptions = {},
): Parsed<ReceivedType<S>> {
  return parsedOf(readBody(schema, body, options))
}

/** Returns the kind of body that carries values of a schema: JSON, raw bytes, or none without a schema. */
export function bodyKindOf(schema: Schema | undefined): Body['kind'] {
  if (schema === undefined) return 'none'
  return isBytesSchema(schema) ? 'raw' : 'value'
}

/**
 * Returns the issues of an error about a value that does not match its schema, on either side; undefined for any
 * other error.
 *
 * @example
 * const result = await safe(client.join({ room: '' }))
 * if (!result.ok) for (const { path, text } of issuesOf(result.error) ?? []) show(path, text)
 */
export function issuesOf(error: RpcError): readonly ValidationIssue[] | undefined {
  const data = error.data as Partial<ValidationData> | null | undefined
  if (typeof data !== 'object' || data === null || !Array.isArray(data.issues)) return undefined
  return data.issues.every(isIssue) ? data.issues : undefined
}

const kindTexts = { none: 'nothing', value: 'a value', raw: 'raw bytes' } as const

/** @returns the value, or {@link noValue} */
function conclude(result: StandardSchemaV1.Result<unknown>, options: ParseOptions): unknown {
  if (result.issues === undefined) return result.value
  const told = result.issues.slice(0, contractLimits.issuesMax).map((issue) => ({
    path: peerText(pathText(issue.path ?? []), contractLimits.issuePathLengthMax),
    text: peerText(issue.message, contractLimits.issueTextLengthMax),
  }))
  return without({ ok: false, error: invalid(told, result.issues.length - told.length, options) })
}

function invalid(issues: readonly ValidationIssue[], issuesLeftOut: number, options: ParseOptions): RpcError {
  const [first] = issues
  const place = first === undefined || first.path === '' ? '' : ` at ${first.path}`
  const text = `${options.what ?? 'the value'} is not valid${place}: ${first?.text ?? 'no reason was given'}`
  const data: ValidationData = { issues, issuesLeftOut }
  const { code = 'INVALID_ARGUMENT', maybeExecuted, procedure } = options
  return new RpcError(code, text, { data, maybeExecuted, procedure })
}

function validatorFailed(
  cause: unknown,
  options: ParseOptions,
): { readonly ok: false; readonly error: RpcError } {
  const text = `the validator of ${options.what ?? 'the value'} failed`
  const { maybeExecuted, procedure } = options
  return { ok: false, error: new RpcError('INTERNAL', text, { cause, maybeExecuted, procedure }) }
}

function pathText(path: ReadonlyArray<PropertyKey | StandardSchemaV1.PathSegment>): string {
  const shown = path.slice(0, contractLimits.issuePathLengthMax)
  return shown.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
}

function isIssue(value: unknown): value is ValidationIssue {
  const issue = value as Partial<ValidationIssue> | null
  return (
    typeof issue === 'object' &&
    issue !== null &&
    typeof issue.path === 'string' &&
    typeof issue.text === 'string'
  )
}
