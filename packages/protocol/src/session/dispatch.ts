import type { Envelope, IgnorableEnvelope } from '../envelope/envelope.ts'
import type { SessionCalls } from './calls/ending-calls.ts'
import { violation } from './common/session-fault.ts'
import type { EventChannel } from './events/event-channel.ts'

/** What takes the envelopes that are about calls and events. */
export interface Receivers extends SessionCalls {
  readonly events: EventChannel
}

/** @throws SessionFault for an envelope that is not allowed now */
export function dispatch(envelope: Envelope | IgnorableEnvelope, receivers: Receivers): void {
  const { outgoing, incoming, events } = receivers
  switch (envelope.kind) {
    case 'call':
      incoming.call(envelope)
      break
    case 'result':
      outgoing.result(envelope)
      break
    case 'failure':
      outgoing.failure(envelope)
      break
    case 'item':
      if (incoming.isFromPeer(envelope.callId)) incoming.upload(envelope)
      else outgoing.item(envelope)
      break
    case 'end':
      if (incoming.isFromPeer(envelope.callId)) incoming.upload(envelope)
      else outgoing.end(envelope)
      break
    case 'credit':
      incoming.credit(envelope)
      break
    case 'cancel':
      incoming.cancel(envelope)
      break
    case 'event':
      events.receive(envelope)
      break
    case 'subscribe':
    case 'unsubscribe':
      incoming.subscription(envelope)
      break
    case 'ignorable':
      break
    // About the connection: the link takes these.
    case 'hello':
    case 'welcome':
    case 'ping':
    case 'pong':
    case 'goaway':
      throw violation(`a ${envelope.kind} among calls`)
  }
}
