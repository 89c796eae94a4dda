import { FramingError } from '../framing-error.ts'
import { describeValue } from './describe-value.ts'

/** What may have methods: the operator `in` throws for everything else. */
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

/** What a method of a sink throws that was called without its sink: `stream.on('data', sink.data)`. */
export function detached(method: string): FramingError {
  return new FramingError(
    'INVALID_ARGUMENT',
    `The method ${method} was called without its sink: pass a function that calls sink.${method}() instead.`,
  )
}
