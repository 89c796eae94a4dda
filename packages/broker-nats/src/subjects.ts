import { createHash, randomBytes } from 'node:crypto'
import type { LoggedTopic } from '@frameport/server'
import { constants } from './limits.ts'

const logIdBytes = 12

/**
 * The last two tokens of the subject of a topic: the event, for people and for permissions, and a hash of 128 bits of event and
 * topic. A topic is JSON of any length, and a line of the protocol of NATS has at most 4,096 bytes. The real topic travels
 * in the message, so that two topics with one hash can be distinguished.
 */
export function topicToken(topic: LoggedTopic): string {
  return `${eventToken(topic.event)}.${hash(`${topic.event}\n${topic.topic}`)}`
}

/** `Nats-Msg-Id` of an event: JetStream compares it within the stream, and Frameport within the topic. */
export function messageId({ event, topic }: LoggedTopic, id: string): string {
  return hash(`${event}\n${topic}\n${id}`)
}

/** A topic as the key of a map. Event names contain no line break. */
export function topicKey({ event, topic }: LoggedTopic): string {
  return `${event}\n${topic}`
}

/** The characters that a token of a subject may contain, without those that have a meaning there. */
function eventToken(event: string): string {
  let token = ''
  for (const byte of Buffer.from(event, 'utf8')) {
    const character = String.fromCharCode(byte)
    token += /[A-Za-z0-9_@/-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`
  }
  return token.length > 0 && token.length <= constants.eventTokenLengthMax ? token : `%${hash(event)}`
}

function hash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest().subarray(0, 16).toString('base64url')
}

/** The name of a new stream: it ends with the id of the log, so that each answer of JetStream identifies the log of its numbers. */
export function newStreamName(base: string): string {
  return `${base}-${randomBytes(logIdBytes).toString('hex')}`
}

/** The id of the log that a stream keeps; undefined for a stream that does not belong to `base`. */
export function logIdOf(base: string, stream: string): Uint8Array | undefined {
  if (!stream.startsWith(`${base}-`)) return undefined
  const id = stream.slice(base.length + 1)
  return /^[0-9a-f]{24}$/.test(id) ? new Uint8Array(Buffer.from(id, 'hex')) : undefined
}
