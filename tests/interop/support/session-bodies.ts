import type { Body } from '@frameport/protocol/envelope'

/** Bytes are sent raw, and undefined is sent without a body. */
export function toBody(value: unknown): Body {
  if (value === undefined) return { kind: 'none' }
  return value instanceof Uint8Array ? { kind: 'raw', bytes: value } : { kind: 'value', value }
}

export function fromBody(body: Body): unknown {
  if (body.kind === 'none') return undefined
  return body.kind === 'raw' ? body.bytes : body.value
}
