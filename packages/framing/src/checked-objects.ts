import type { ByteStream } from './byte-stream.ts'
import { describeValue } from './describe-value.ts'
import { FramingError } from './framing-error.ts'
import { isByteStream, isObject } from './sources.ts'

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedCallback(onFrame: unknown): void {
  if (typeof onFrame !== 'function') refuse('onFrame', onFrame, 'give a function, or leave it out')
}

/** @throws FramingError `INVALID_ARGUMENT` */
export function checkedStream(stream: ByteStream): ByteStream {
  if (isByteStream(stream)) return stream
  return refuse('The stream', stream, 'give a ByteStream, which has start, send and drained')
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

function refuse(what: string, value: unknown, fix: string): never {
  throw new FramingError('INVALID_ARGUMENT', `${what} is ${describeValue(value)}: ${fix}.`)
}
