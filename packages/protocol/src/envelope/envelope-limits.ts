/**
 * Limits of the envelope itself. They are part of protocol version 1 and the same for every peer: text of a
 * bounded kind never costs more than this, whoever sent it.
 */
export const envelopeLimits = {
  /** The largest number on the wire, 2^53 - 1: what a double holds exactly, so that every language agrees. */
  varintMax: Number.MAX_SAFE_INTEGER,
  /** Contract, procedure and event names. A path of a dozen readable parts fits twice over. */
  nameBytesMax: 1024,
  /** Topics carry a JSON object of the contract's own; a few identifiers fit, a document does not. */
  topicBytesMax: 4096,
  /** Failure and close codes: identifiers, not sentences. */
  codeBytesMax: 128,
  /** Texts for people. Longer ones are cut by the sender at a character, because a log line is no document. */
  textBytesMax: 1024,
  /** Fingerprints: a hex SHA-512 is 128 bytes. */
  fingerprintBytesMax: 128,
  /** Contracts in one hello or welcome. */
  contractsMax: 256,
  /** Procedures of one contract: over ten times the 300 that a large contract is tested with. */
  fingerprintsMax: 4096,
  /** Codecs offered in a hello. */
  codecsMax: 16,
  /** Resume tokens: opaque, large enough for a signed one. */
  resumeTokenBytesMax: 1024,
  /** Every announced frame limit is at least this, so that a failure or a goaway always fits. */
  frameBytesFloor: 4096,
} as const

/** How much an envelope's metadata may hold. The rest of {@link envelopeLimits} is fixed by the protocol. */
export interface MetadataLimits {
  /** Pairs in one envelope. */
  readonly metadataEntriesMax: number
  /** UTF-8 bytes of all keys and values in one envelope. */
  readonly metadataBytesMax: number
}

/** What an envelope's metadata may hold where nobody says otherwise. */
export const defaultMetadataLimits: MetadataLimits = {
  /** HTTP servers see 20 to 40 headers in practice. */
  metadataEntriesMax: 64,
  /** What common HTTP servers allow for all headers. */
  metadataBytesMax: 8 * 1024,
}
