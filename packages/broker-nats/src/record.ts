import type { EnvelopeBody, LoggedTopic } from '@frameport/server'

/** The first byte: peers with another record format ignore each other's records. */
const version = 1

/** The second byte. */
const encodings = ['none', 'codec', 'raw'] as const
const gapMark = 255

/** Version, encoding, and the lengths of event and topic. */
const headBytes = 10

/** The content of a message: an event of a topic, or a report that events of the topic were not sent. */
type TopicRecord = EventRecord | GapRecord

interface EventRecord extends LoggedTopic {
  readonly body: EnvelopeBody
}

interface GapRecord extends LoggedTopic {
  readonly body?: undefined
  /** The time since the last of them was refused, in milliseconds: the clocks of two machines cannot be compared. */
  readonly agoMs: number
}

/**
 * Encodes an event with its topic in one piece of memory: `version encoding u32(event) u32(topic) event topic body`,
 * big endian. The body of a gap is its age.
 */
export function encodeRecord(said: TopicRecord): Uint8Array {
  const { event, topic, body } = said
  const eventBytes = Buffer.from(event, 'utf8')
  const topicBytes = Buffer.from(topic, 'utf8')
  const bodyBytes = said.body === undefined ? encodeAge(said.agoMs) : said.body.bytes
  const record = Buffer.allocUnsafe(headBytes + eventBytes.length + topicBytes.length + bodyBytes.length)
  record[0] = version
  record[1] = body === undefined ? gapMark : encodings.indexOf(body.encoding)
  record.writeUInt32BE(eventBytes.length, 2)
  record.writeUInt32BE(topicBytes.length, 6)
  record.set(eventBytes, headBytes)
  record.set(topicBytes, headBytes + eventBytes.length)
  record.set(bodyBytes, headBytes + eventBytes.length + topicBytes.length)
  return record
}

/** The length of the record of an event. */
export function recordBytes({ event, topic }: LoggedTopic, bodyBytes: number): number {
  return headBytes + Buffer.byteLength(event, 'utf8') + Buffer.byteLength(topic, 'utf8') + bodyBytes
}

/** @returns its own copy of the body; undefined for anything that is not a record */
export function decodeRecord(bytes: Uint8Array): TopicRecord | undefined {
  if (bytes.length < headBytes || bytes[0] !== version) return undefined
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const topicAt = headBytes + record.readUInt32BE(2)
  const bodyAt = topicAt + record.readUInt32BE(6)
  if (bodyAt > record.length) return undefined
  const event = record.toString('utf8', headBytes, topicAt)
  const topic = record.toString('utf8', topicAt, bodyAt)
  if (record[1] === gapMark) return { event, topic, agoMs: decodeAge(record.subarray(bodyAt)) }
  const encoding = encodings[record[1] ?? gapMark]
  if (encoding === undefined) return undefined
  return { event, topic, body: { encoding, bytes: new Uint8Array(record.subarray(bodyAt)) } }
}

/** Milliseconds in four bytes, or the maximum that fits. */
export function encodeAge(agoMs: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Math.min(Math.max(0, Math.floor(agoMs)), 2 ** 32 - 1))
  return bytes
}

/** Returns 0, the age that hides no gap, for anything that is not an age. */
export function decodeAge(bytes: Uint8Array): number {
  return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : 0
}
