import type { Draw } from '../../../../tests/support/draw.ts'
import type { Body } from '../../src/envelope/index.ts'

/** A unique body of up to about `bytesMax` bytes: JSON, or raw bytes that are computed from its number. */
export function drawBody(draw: Draw, number: number, bytesMax: number): Body {
  const bytes = draw.chance(0.6) ? draw.int(0, 40) : draw.int(0, bytesMax)
  if (draw.chance(0.5)) return { kind: 'value', value: `${number} ${'-'.repeat(Math.max(0, bytes - 12))}` }
  return rawBody(number, bytes)
}

/** Each byte depends on its position, so pieces in a wrong order make a different body. */
export function rawBody(number: number, length: number): Body {
  const bytes = new Uint8Array(Math.max(4, length))
  new DataView(bytes.buffer).setUint32(0, number)
  for (let index = 4; index < bytes.length; index++)
    bytes[index] = (number * 31 + index * 7 + (index >> 8)) & 255
  return { kind: 'raw', bytes }
}

/** The length of the body on the wire, a colon, and a text that is unique to the body. */
export function textOfBody(body: Body): string {
  if (body.kind === 'none') return '0:none'
  if (body.kind === 'raw') return `${body.bytes.length}:raw ${hashOf(body.bytes)}`
  const json = JSON.stringify(body.value)
  return `${json.length}:${json.length > 40 ? `json ${json.slice(0, 12)} ${json.length}` : json}`
}

export function bytesOfBody(body: Body): number {
  return Number.parseInt(textOfBody(body), 10)
}

/** Overwrites raw bytes, as their owner may do after a call of the session has returned. */
export function scribble(body: Body): void {
  if (body.kind === 'raw') body.bytes.fill(0xee)
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
