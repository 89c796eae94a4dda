import type { Payload } from '@frameport/framing'

export function lengthOf(payload: Payload): number {
  if (payload instanceof Uint8Array) return payload.length
  return payload.reduce((bytes, { length }) => bytes + length, 0)
}

/** @returns a payload of one part itself, and otherwise a copy */
export function joined(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  const whole = new Uint8Array(lengthOf(payload))
  let at = 0
  for (const part of payload) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
