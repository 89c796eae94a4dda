import { envelopeLimits } from '../../envelope/envelope-limits.ts'
import type { Extensions } from '../../envelope/envelope-parts.ts'
import { decodeUtf8, encodeUtf8 } from '../../envelope/text.ts'

const fingerprintId = 1

/** The fingerprint that a caller gave with its call; undefined without one, and for bytes that are none. */
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

export function fingerprintExtension(fingerprint: string | undefined): Extensions | undefined {
  return fingerprint === undefined ? undefined : [[fingerprintId, encodeUtf8(fingerprint)]]
}
