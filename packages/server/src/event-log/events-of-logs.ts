import { type ContractEvent, RpcError } from '@frameport/protocol'
import { describeValue } from '@frameport/protocol/checks'
import { type ParseResult, parseBody } from '@frameport/protocol/contract'
import { decodeBody, type EnvelopeBody } from '@frameport/protocol/envelope'

/**
 * Describes why the log of an event cannot be read; undefined if it can.
 *
 * @param args the number of arguments after the event: a topic, if it has topics, and one more
 */
export function wrongEventOfLog(event: unknown, args: number, caller: string): string | undefined {
  const { name, wireName, topic, subscribe } = (event ?? {}) as Partial<ContractEvent>
  if (typeof wireName !== 'string' || (subscribe !== 'clients' && subscribe !== 'handlers'))
    return `event is ${describeValue(event)}, not an event: give contract.events.name to ${caller}`
  if (subscribe !== 'clients')
    return `a log cannot keep ${name}: clients do not subscribe to it. Declare it with subscribe: 'clients'`
  if (topic === undefined && args > 1)
    return `${name} has no topics, and ${caller} was given ${args} arguments after it: leave the topic out`
  return undefined
}

/** The payload of a logged event, as a client gets it. Neither throws nor rejects if it cannot be read. */
export function parsedBody(
  event: ContractEvent,
  body: EnvelopeBody,
): ParseResult<unknown> | Promise<ParseResult<unknown>> {
  const what = `the payload of ${event.name}`
  try {
    const parsed = parseBody(event.payload, decodeBody(body), { what, code: 'INTERNAL' })
    return parsed instanceof Promise ? parsed.catch((cause) => unreadable(what, cause)) : parsed
  } catch (cause) {
    return unreadable(what, cause)
  }
}

function unreadable(what: string, cause: unknown): ParseResult<unknown> {
  return { ok: false, error: new RpcError('INTERNAL', `${what} cannot be read`, { cause }) }
}
