import { ProtocolError } from '../protocol-error.ts'
import { readLinkEnvelope } from './decode-link.ts'
import { readSessionEnvelope } from './decode-session.ts'
import type { Envelope, IgnorableEnvelope } from './envelope.ts'
import { defaultMetadataLimits, type MetadataLimits } from './envelope-limits.ts'
import { noBytes } from './envelope-parts.ts'
import { HeaderReader } from './header-reader.ts'
import { flags, ignorableKindBit, isLinkKind, ruleOfCode, withArticle } from './kinds.ts'

/** One reader for all frames: each frame is read completely before the next one. */
const reader = new HeaderReader(noBytes, defaultMetadataLimits)

/**
 * Decodes the envelope in the payload of one frame. Text is decoded; bodies, ids, secrets and hashes are views of
 * `payload`. Metadata over the limits are not an error: the envelope then has `metadataOverLimit` in their
 * place.
 *
 * @param limits the limits of the metadata. Default: 64 pairs and 8 KiB
 * @throws ProtocolError MALFORMED_ENVELOPE, or UNKNOWN_KIND for an unknown kind below 0x80
 */
export function decodeEnvelope(
  payload: Uint8Array,
  limits: MetadataLimits = defaultMetadataLimits,
): Envelope | IgnorableEnvelope {
  return readWith(payload, limits, false)
}

/**
 * Like {@link decodeEnvelope}, for callers that keep no envelope: calls and results, and their bodies, are the same
 * objects each time, valid until the next envelope is decoded or `emptyLent` is called.
 */
export function lendEnvelope(payload: Uint8Array, limits: MetadataLimits): Envelope | IgnorableEnvelope {
  return readWith(payload, limits, true)
}

function readWith(payload: Uint8Array, limits: MetadataLimits, lends: boolean): Envelope | IgnorableEnvelope {
  reader.begin(payload, limits)
  try {
    return readEnvelope(lends)
  } finally {
    // The frame is only lent.
    reader.begin(noBytes, defaultMetadataLimits)
  }
}

function readEnvelope(lends: boolean): Envelope | IgnorableEnvelope {
  const kindCode = reader.byte('kind')
  if (kindCode >= ignorableKindBit) return { kind: 'ignorable', kindCode }
  const rule = ruleOfCode(kindCode)
  if (rule === undefined) {
    throw new ProtocolError(
      'UNKNOWN_KIND',
      `kind 0x${kindCode.toString(16).padStart(2, '0')} is below 0x80 and not in this protocol version`,
    )
  }
  const bits = reader.byte('flags')
  if ((bits & ~rule.flags) !== 0) {
    throw reader.malformed(
      'flags',
      `0x${bits.toString(16)} sets a bit that is reserved in ${withArticle(rule.kind)}`,
    )
  }
  if ((bits & flags.bodyMask) === flags.bodyMask)
    throw reader.malformed('flags', 'the body encoding 3 is reserved')
  if ((bits & flags.goesOn) !== 0 && (bits & flags.bodyMask) === 0)
    throw reader.malformed('flags', 'more pieces are announced, but there is no body')
  return isLinkKind(kindCode)
    ? readLinkEnvelope(rule.kind, bits, reader)
    : readSessionEnvelope(rule, bits, reader, lends)
}
