import { readFileSync } from 'node:fs'
import type { Envelope } from '../../src/envelope/index.ts'

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

export function hexOf(...parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString('hex')
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** The fields of a vector in the form of the codec. In the files, bytes are written as hex. */
export function envelopeOf(fields: Record<string, unknown>): Envelope {
  return fromFile(fields) as Envelope
}

function fromFile(value: unknown, key = ''): unknown {
  if (key === 'extensions') return (value as [number, string][]).map(([id, hex]) => [id, bytesOf(hex)])
  if (key === 'body') {
    const { encoding, hex = '' } = value as { encoding: string; hex?: string }
    return { encoding, bytes: bytesOf(hex) }
  }
  if (key === 'metadata' || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member) => fromFile(member))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name.endsWith('Hex') ? [name.slice(0, -3), bytesOf(member)] : [name, fromFile(member, name)],
    ),
  )
}

/** A form for comparisons: byte arrays become hex, and undefined members are left out. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hexOf(value) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [key, plain(member)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
