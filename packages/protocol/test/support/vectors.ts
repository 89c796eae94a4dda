import { readFileSync } from 'node:fs'
import type { Envelope, EnvelopeBody } from '../../src/envelope/index.ts'

export interface GoldenVector {
  readonly name: string
  readonly fields: Record<string, unknown>
  readonly hex: string
}

export interface HostileVector {
  readonly name: string
  readonly hex: string
  readonly code: 'MALFORMED_ENVELOPE' | 'UNKNOWN_KIND'
}

export const golden: readonly GoldenVector[] = read('golden.json')
export const hostile: readonly HostileVector[] = read('hostile.json')

function read<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8')) as T
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export function hexOf(...parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString('hex')
}

/** A vector's fields as the codec takes them: bytes are written as hex or text there. */
export function envelopeOf(fields: Record<string, unknown>): Envelope {
  const { body, resume, ...rest } = fields as {
    body?: { encoding: EnvelopeBody['encoding']; hex?: string; text?: string }
    resume?: { tokenHex: string }
  }
  const envelope: Record<string, unknown> = { ...rest }
  if (body !== undefined) {
    const bytes = body.hex === undefined ? new TextEncoder().encode(body.text ?? '') : bytesOf(body.hex)
    envelope.body = { encoding: body.encoding, bytes }
  }
  if (resume !== undefined) {
    const { tokenHex, ...others } = resume
    envelope.resume = { ...others, token: bytesOf(tokenHex) }
  }
  return envelope as unknown as Envelope
}

/** For comparison: byte arrays of any kind become hex, and objects lose what is no field. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hexOf(value) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, member]) => [key, plain(member)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
