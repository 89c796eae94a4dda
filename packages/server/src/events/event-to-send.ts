import { type ContractEvent, ProtocolError, RpcError } from '@frameport/protocol'
import { checking, describeValue, readOnce, unknownName, wrongKind } from '@frameport/protocol/checks'
import { checkTopic, toBody, topicKey } from '@frameport/protocol/contract'
import { checkBody, type EnvelopeBody, encodeBody } from '@frameport/protocol/envelope'
import { asOutput, checkedOutput } from '@frameport/protocol/serving'
import { type EventEncoding, type EventLedger, encodeEvent } from '@frameport/protocol/session'
import { refusal, refuse } from '../check-options.ts'
import { ServerError } from '../server-error.ts'
import type { PublishOptions } from '../server-types.ts'

/** The maximum length of an id that identifies a repeated event: eight times a UUID and a number. */
const idLengthMax = 256

const noOptions: PublishOptions = {}

/**
 * Returns the topic among the arguments of `subscribe`, `publish` and `emit`: the first one, if the event has topics.
 */
export function topicOf(event: ContractEvent, args: readonly unknown[]): string {
  return topicKey(event, event.topic === undefined ? undefined : args[0])
}

/**
 * Checks that the topic among those arguments matches its schema. A topic with subscribers was checked when they
 * subscribed.
 *
 * @throws ProtocolError `INVALID_TOPIC`
 */
export function checkTopicOf(event: ContractEvent, args: readonly unknown[]): void {
  if (event.topic !== undefined) checkTopic(event, args[0])
}

/**
 * Returns the payload among the arguments of `publish` and `emit`: the last one. A validated payload has only the
 * members of its schema.
 *
 * @throws ServerError `INVALID_PAYLOAD`
 */
export function payloadOf(event: ContractEvent, args: readonly unknown[], validate: boolean): unknown {
  const payload = args[event.topic === undefined ? 0 : 1]
  return validate ? checkedPayload(event, payload) : payload
}

/**
 * Encodes an event for all subscribers.
 *
 * @param ledger counts it while it waits
 * @throws ProtocolError `INVALID_BODY`
 */
export function eventToSend(
  event: ContractEvent,
  topic: string,
  payload: unknown,
  ledger: EventLedger,
): EventEncoding {
  return sendable(() => {
    const sent = { event: event.wireName, topic, body: toBody(event.payload, payload) }
    return encodeEvent(sent, { whenSlow: event.whenSlow, ledger })
  })
}

/**
 * Encodes the payload of an event for a log. Raw bytes are copied, because they belong to the publisher.
 *
 * @throws ProtocolError `INVALID_BODY`
 */
export function bodyToKeep(event: ContractEvent, payload: unknown): EnvelopeBody {
  const body = sendable(() => encodeBody(toBody(event.payload, payload)))
  return body.encoding === 'raw' ? { encoding: 'raw', bytes: body.bytes.slice() } : body
}

/** Encodes an event whose payload is already encoded. */
export function keptToSend(
  event: ContractEvent,
  topic: string,
  body: EnvelopeBody,
  ledger: EventLedger,
): EventEncoding {
  return encodeEvent({ event: event.wireName, topic, body }, { whenSlow: event.whenSlow, ledger })
}

/**
 * Returns the options among the arguments of `publish`: after the payload.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function publishOptionsOf(
  event: ContractEvent,
  args: readonly unknown[],
  isLogged: boolean,
): PublishOptions {
  const given = args[event.topic === undefined ? 1 : 2]
  return given === undefined ? noOptions : checking(() => checkedOptions(event, given, isLogged), refusal)
}

function checkedOptions(event: ContractEvent, given: unknown, isLogged: boolean): PublishOptions {
  refuse(wrongKind('options', given ?? null, 'object'))
  refuse(unknownName('options', given as object, ['id']))
  const { id } = readOnce(given as PublishOptions, ['id'])
  if (id === undefined) return noOptions
  if (typeof id !== 'string' || id === '' || id.length > idLengthMax)
    throw refusal(`id is ${describeValue(id)}, not a string of 1 to ${idLengthMax} characters`)
  if (!isLogged)
    throw refusal(
      `id is given for ${event.name}, but no log keeps this event, so the server could not recognise the id again`,
    )
  return { id }
}

/** Throws the reason itself: a payload that cannot be sent is an error of the publisher. */
function sendable<Made>(make: () => Made): Made {
  try {
    return make()
  } catch (error) {
    throw RpcError.is(error) && ProtocolError.is(error.cause) ? error.cause : error
  }
}

/**
 * Checks that a payload could be sent when nobody is subscribed, so that the publisher learns of a wrong one before
 * the first subscriber comes. Encodes nothing.
 *
 * @throws ProtocolError `INVALID_BODY`
 */
export function checkSendable(event: ContractEvent, payload: unknown): void {
  checkBody(toBody(event.payload, payload))
}

function checkedPayload(event: ContractEvent, given: unknown): unknown {
  const parsed = checkedOutput(event.payload, given, asOutput(`the payload of ${event.name}`))
  if (parsed instanceof Promise) {
    throw new ServerError(
      'INVALID_PAYLOAD',
      `the schema of ${event.name} is asynchronous, and publish is synchronous (validateOutputs: false sends payloads unchecked)`,
    )
  }
  if (!parsed.ok) throw new ServerError('INVALID_PAYLOAD', parsed.error.message, { cause: parsed.error })
  return parsed.value
}
