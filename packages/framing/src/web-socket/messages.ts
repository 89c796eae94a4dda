import type { Payload } from '../codec/encoder.ts'
import { FramingError } from '../framing-error.ts'

/** `ws` closes a connection whose message is far too long. */
export function explained(error: Error & { readonly code?: unknown }): Error {
  if (error.code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return error
  return new FramingError('FRAME_TOO_LONG', 'The peer sent a longer message than the WebSocket accepts.', {
    cause: error,
  })
}

/** Returns a plain Uint8Array. `ws` provides a Buffer, and users should not depend on that. */
export function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined
}

/** `ws` keeps the bytes of a message until the system has sent them. */
export function copyOf(payload: Payload): Uint8Array<ArrayBuffer> {
  if (payload instanceof Uint8Array) return new Uint8Array(payload)
  const message = new Uint8Array(payload.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of payload) {
    message.set(part, end)
    end += part.length
  }
  return message
}
