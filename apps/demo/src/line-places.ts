import type { LogPosition } from '@frameport/client'
import type { LinePlace } from './chat-contract.ts'

/** A position of a log as the contract writes it. */
export function placeOf({ log, number }: LogPosition): LinePlace {
  return { log: logIdText(log), number }
}

/** Undefined for a place in a log without a known id. */
export function positionOf({ log, number }: LinePlace): LogPosition | undefined {
  if (log === '') return undefined
  const bytes = log.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? []
  return { log: Uint8Array.from(bytes), number }
}

export function logIdText(log: Uint8Array): string {
  return [...log].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
