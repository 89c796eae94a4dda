import { FramingError } from '../framing-error.ts'
import { describeValue } from './describe-value.ts'

/** Returns true for objects and functions. The operator `in` throws for other values. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedCallback(onFrame: unknown): void {
  if (typeof onFrame !== 'function') refuse('onFrame', onFrame, 'give a function, or leave it out')
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedPayloads<Payloads>(payloads: Payloads): Payloads {
  if (isObject(payloads) && (Symbol.asyncIterator in payloads || Symbol.iterator in payloads)) return payloads
  return refuse('The argument payloads', payloads, 'give an Iterable or an AsyncIterable of payloads')
}

/** @throws FramingError `INVALID_ARGUMENT`, always */
export function refuse(what: string, value: unknown, fix: string): never {
  throw new FramingError('INVALID_ARGUMENT', `${what} is ${describeValue(value)}: ${fix}.`)
}

/** The error of a sink's method that was called without its sink: `stream.on('data', sink.data)`. */
export function detached(method: string): FramingError {
  return new FramingError(
    'INVALID_ARGUMENT',
    `The method ${method} was called without its sink: pass a function that calls sink.${method}() instead.`,
  )
}
