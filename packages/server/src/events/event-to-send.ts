import type { ContractEvent } from '@frameport/protocol'
import { parseWith, toBody, topicKey } from '@frameport/protocol/contract'
import type { SessionEvent } from '@frameport/protocol/session'
import { ServerError } from '../server-error.ts'

/** The topic among the arguments of `subscribe`, `publish` and `emit`: first, when the event has topics. */
export function topicOf(event: ContractEvent, args: readonly unknown[]): string {
  return topicKey(event, event.topic === undefined ? undefined : args[0])
}

/**
 * An event as it goes to the session, from the arguments of `publish` and `emit`.
 *
 * @throws ServerError `INVALID_PAYLOAD`; ProtocolError `INVALID_TOPIC`, `INVALID_BODY`
 */
export function eventToSend(event: ContractEvent, args: readonly unknown[], validate: boolean): SessionEvent {
  const payload = args[event.topic === undefined ? 0 : 1]
  if (validate) checkPayload(event, payload)
  return { event: event.wireName, topic: topicOf(event, args), body: toBody(event.payload, payload) }
}

function checkPayload(event: ContractEvent, payload: unknown): void {
  const parsed = parseWith(event.payload, payload, { what: `the payload of ${event.name}` })
  if (parsed instanceof Promise) {
    throw new ServerError(
      'INVALID_PAYLOAD',
      `the schema of ${event.name} is asynchronous and publishing is not`,
    )
  }
  if (!parsed.ok) throw new ServerError('INVALID_PAYLOAD', parsed.error.message, { cause: parsed.error })
}
