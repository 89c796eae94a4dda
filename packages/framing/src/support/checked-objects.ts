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
export function checkedFrameSink<Sink extends { frame: unknown }>(sink: Sink): Sink {
  if (isObject(sink) && typeof sink.frame === 'function') return sink
  return refuse('The sink', sink, 'give an object with a method frame(payload)')
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedPayloads<Payloads>(payloads: Payloads): Payloads {
  if (isObject(payloads) && (Symbol.asyncIterator in payloads || Symbol.iterator in payloads)) return payloads
  return refuse('What writeFrames writes', payloads, 'give an Iterable or an AsyncIterable of payloads')
}

/** @throws FramingError `INVALID_ARGUMENT`, always */
export function refuse(what: string, value: unknown, fix: string): never {
  throw new FramingError('INVALID_ARGUMENT', `${what} is ${describeValue(value)}: ${fix}.`)
}
