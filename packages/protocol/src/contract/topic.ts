import { asSentence, textOfThrown } from '../checks/thrown.ts'
import { decodeBody } from '../envelope/codec.ts'
import { envelopeLimits } from '../envelope/envelope-limits.ts'
import { ProtocolError } from '../protocol-error.ts'
import { canonicalJson } from './canonical-json.ts'
import type { ContractEvent } from './event.ts'
import { parseWith } from './parse-with.ts'

const utf8 = new TextEncoder()

/**
 * Returns the text by which a topic is compared and sent: JSON with sorted members (RFC 8785), or the empty string
 * for an event without topics. Equal topics have equal keys.
 *
 * @throws ProtocolError INVALID_TOPIC if the topic is not plain JSON, is longer than `envelopeLimits.topicBytesMax`,
 *   is missing, or was given for an event without topics
 */
export function topicKey(event: ContractEvent, topic: unknown): string {
  if (event.topic === undefined) {
    if (topic === undefined) return ''
    throw new ProtocolError('INVALID_TOPIC', `${event.name} has no topics, but one was given: leave it out.`)
  }
  if (topic === undefined) {
    throw new ProtocolError('INVALID_TOPIC', `${event.name} has topics, but none was given.`)
  }
  const key = keyOf(event, topic)
  const length = utf8.encode(key).length
  if (length > envelopeLimits.topicBytesMax) {
    throw new ProtocolError(
      'INVALID_TOPIC',
      `A topic of ${event.name} has ${length} bytes, and the limit is ${envelopeLimits.topicBytesMax}: use an id.`,
    )
  }
  return key
}

/**
 * Checks that a topic matches the schema of its event. If the schema validates asynchronously nothing is checked.
 *
 * @throws ProtocolError INVALID_TOPIC
 */
export function checkTopic(event: ContractEvent, topic: unknown): void {
  if (event.topic === undefined) return
  const parsed = parseWith(event.topic, topic, { what: `the topic of ${event.name}` })
  if ('then' in parsed || parsed.ok) return
  throw new ProtocolError('INVALID_TOPIC', asSentence(parsed.error.message), { cause: parsed.error })
}

/**
 * Returns the topic that a peer sent as text, before it is validated; undefined for an event without topics.
 *
 * @throws ProtocolError INVALID_TOPIC if the text is not in the canonical form (RFC 8785), is missing, or was given
 *   for an event without topics
 */
export function topicOfText(event: ContractEvent, text: string): unknown {
  if (event.topic === undefined) {
    if (text === '') return undefined
    throw new ProtocolError('INVALID_TOPIC', `${event.name} has no topics, but one was given.`)
  }
  if (text === '') {
    throw new ProtocolError('INVALID_TOPIC', `${event.name} has topics, but none was given.`)
  }
  try {
    const body = decodeBody({ encoding: 'codec', bytes: utf8.encode(text) })
    const topic = body.kind === 'value' ? body.value : undefined
    if (canonicalJson(topic) === text) return topic
  } catch (cause) {
    throw new ProtocolError('INVALID_TOPIC', `A topic of ${event.name} is not canonical JSON.`, { cause })
  }
  throw new ProtocolError('INVALID_TOPIC', `A topic of ${event.name} is not in the canonical form of JSON.`)
}

function keyOf(event: ContractEvent, topic: unknown): string {
  try {
    return canonicalJson(topic)
  } catch (cause) {
    const why = textOfThrown(cause)
    throw new ProtocolError('INVALID_TOPIC', `A topic of ${event.name} cannot be compared: ${why}.`, {
      cause,
    })
  }
}
