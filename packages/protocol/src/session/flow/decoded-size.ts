import { type EnvelopeBody, type Metadata, noMetadata } from '../../envelope/envelope-parts.ts'

/** What a call costs beside what came with it: its state, its handler, its promises. */
const callBytes = 1024

/** Up to here a body is not looked through, which takes a third of the time of decoding it. */
const shortBytes = 1024

/** What a short body takes for each byte of it: records of a few members take four to five times their text, brackets up to twenty. */
const shortGrowth = 8

/** What V8 takes for an array or an object beside its members, and for a member. Measured with Node 20. */
const containerBytes = 56
const memberBytes = 12

/** What an item takes beside its body until it is read: its place in a line, and what says how it is encoded. */
const itemBytes = 96

/** What a buffer takes beside its bytes. */
const bufferBytes = 192

/** What a guess counts for each byte of an item: texts take one, records of a few members two, digits in an array four. */
const itemGrowth = 2

/** What a pair of metadata takes beside its letters: two texts, and its place in a dictionary. */
const pairBytes = 96

const comma = 0x2c
const openArray = 0x5b
const openObject = 0x7b

/** What a call comes with. */
interface CallParts {
  readonly procedure: string
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

/** What a call with these parts holds, in bytes, as an estimate. */
export function callSize({ procedure, metadata, body }: CallParts): number {
  const bytes = callBytes + procedure.length + decodedSize(body)
  return metadata === noMetadata ? bytes : bytes + metadataSize(metadata)
}

/**
 * What an item holds from when it comes until it is read, in bytes, as an estimate. The one for all items: those of streams and those of
 * uploads. Measured with Node 20 over 31 shapes (ADR 58): an item that is looked through counts 0.5 to 3.2 times what it takes, a guess 0.5 to
 * 3.6 times for what programs send, and a tenth for a text of brackets.
 *
 * @param isKept it is held as it came, and decoded when it is read
 * @param mayGuess its length is all that is looked at
 */
export function itemSize(body: EnvelopeBody, isKept: boolean, mayGuess: boolean): number {
  const { encoding, bytes } = body
  if (isKept || encoding !== 'codec') return itemBytes + bufferBytes + bytes.length
  return mayGuess ? guessedItemSize(bytes.length) : itemBytes + lookedThrough(bytes)
}

/** What an item of this length holds until it is read, as a guess: {@link itemSize}. */
export function guessedItemSize(bytes: number): number {
  return itemBytes + itemGrowth * bytes
}

/** What a body holds when it is decoded: a text of brackets some 20 times its length, one of letters its length. */
function decodedSize({ encoding, bytes }: EnvelopeBody): number {
  if (encoding !== 'codec') return bytes.length
  return bytes.length <= shortBytes ? shortGrowth * bytes.length : lookedThrough(bytes)
}

function lookedThrough(bytes: Uint8Array): number {
  let containers = 0
  let members = 0
  for (const byte of bytes) {
    if (byte === comma) members += 1
    else if (byte === openArray || byte === openObject) containers += 1
  }
  return bytes.length + containers * containerBytes + members * memberBytes
}

function metadataSize(metadata: Metadata): number {
  let bytes = 0
  for (const key in metadata) bytes += pairBytes + key.length + metadata[key]!.length
  return bytes
}
