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

/** What a body holds when it is decoded: a text of brackets some 20 times its length, one of letters its length. */
export function decodedSize({ encoding, bytes }: EnvelopeBody): number {
  if (encoding !== 'codec') return bytes.length
  if (bytes.length <= shortBytes) return shortGrowth * bytes.length
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
