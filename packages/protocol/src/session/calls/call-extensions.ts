import { envelopeLimits } from '../../envelope/envelope-limits.ts'
import { type Extensions, noBytes } from '../../envelope/envelope-parts.ts'
import { decodePosition, encodePosition } from '../../envelope/log-position.ts'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import { decodeUtf8, encodeUtf8 } from '../../envelope/text.ts'

const fingerprintId = 1
const startedId = 2
const positionId = 3

/** The caller asks for a `started` envelope. */
export const startedWanted: Extensions = [[startedId, noBytes]]

/** The fingerprint that a caller gave with its call; undefined if there is none, or if it is invalid. */
export function fingerprintOf(extensions: Extensions | undefined): string | undefined {
  const bytes = extensions?.find(([id]) => id === fingerprintId)?.[1]
  if (bytes === undefined || bytes.length === 0 || bytes.length > envelopeLimits.fingerprintBytesMax)
    return undefined
  try {
    return decodeUtf8(bytes)
  } catch {
    return undefined
  }
}

/** Whether a call or a credit asks for a `started` envelope. */
export function wantsStarted(extensions: Extensions | undefined): boolean {
  return extensions?.some(([id]) => id === startedId) ?? false
}

/** Returns the extensions of a call; undefined if there are none. */
export function callExtensions(
  fingerprint: string | undefined,
  asksStarted: boolean,
): Extensions | undefined {
  const started = asksStarted ? startedWanted : undefined
  if (fingerprint === undefined) return started
  return [[fingerprintId, encodeUtf8(fingerprint)], ...(started ?? [])]
}

/** The extension for the answer to a subscribe. @throws ProtocolError INVALID_FIELD */
export function positionExtension(position: LogPosition): Extensions {
  return [[positionId, encodePosition(position)]]
}

/** The position in the answer to a subscribe; undefined if there is none, or if it is invalid. */
export function positionOf(extensions: Extensions | undefined): LogPosition | undefined {
  const bytes = extensions?.find(([id]) => id === positionId)?.[1]
  return bytes === undefined ? undefined : decodePosition(bytes)
}
