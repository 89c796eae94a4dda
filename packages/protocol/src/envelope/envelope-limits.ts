/**
 * The name of a procedure or an event, after its contract and version: a path of two dozen readable parts fits. A
 * separate constant, because a contract needs no other of the limits.
 */
export const nameBytesMax = 1024

/** The fixed limits of version 1 of the protocol, which are the same for every peer. */
export const envelopeLimits = {
  /** The largest number on the wire, 2^53 - 1: what a double holds exactly, so that every language agrees. */
  varintMax: Number.MAX_SAFE_INTEGER,
  /** Procedures and events: {@link nameBytesMax}. */
  nameBytesMax,
  /** Contract names: identifiers. */
  contractNameBytesMax: 128,
  /** Topics carry a JSON object of the contract's own; a few identifiers fit, a document does not. */
  topicBytesMax: 4096,
  /** Failure and close codes: identifiers, not sentences. */
  codeBytesMax: 128,
  /** Texts for people, which are log lines and not documents. The sender cuts longer ones at a character. */
  textBytesMax: 1024,
  /** Fingerprints: a hex SHA-512 is 128 bytes. */
  fingerprintBytesMax: 128,
  /** The hash of a contract: a SHA-256 fits. */
  contractHashBytesMax: 32,
  /** Contracts in one hello or welcome, which are decoded before the peer is known to be a client. */
  contractsMax: 64,
  /** Settings in one hello or welcome: five times what version 1 has. */
  settingsMax: 64,
  /** Extensions in one envelope, and their bytes together: they carry numbers and identifiers. */
  extensionsMax: 16,
  extensionsBytesMax: 1024,
  /** Codecs offered in a hello. */
  codecsMax: 16,
  /** Session ids: opaque, with room for the index of their owner. */
  sessionIdBytesMax: 64,
  /** 128 bits cannot be guessed. */
  secretBytesMin: 16,
  secretBytesMax: 64,
  /** Ids of a topic's log. */
  logIdBytesMax: 32,
  /** Every announced frame limit is at least this, so that a failure or a goaway always fits. */
  frameBytesFloor: 4096,
  /** The top two bits of a frame's length are reserved. */
  frameBytesCeiling: 2 ** 30 - 1,
} as const

/** The limits of the metadata of one envelope. Unlike {@link envelopeLimits}, a session can change them. */
export interface MetadataLimits {
  /** Pairs in one envelope. */
  readonly metadataEntriesMax: number
  /** UTF-8 bytes of all keys and values in one envelope. */
  readonly metadataBytesMax: number
}

/** The default limits of an envelope's metadata. */
export const defaultMetadataLimits: MetadataLimits = {
  /** HTTP servers see 20 to 40 headers in practice. */
  metadataEntriesMax: 64,
  /** The usual limit of HTTP servers for all headers. */
  metadataBytesMax: 8 * 1024,
}
