import type { Envelope, GoawayEnvelope, IgnorableEnvelope } from '../envelope/envelope.ts'
import type { IncomingCalls } from './calls/incoming-calls.ts'
import type { OutgoingCalls } from './calls/outgoing-calls.ts'
import type { EventChannel } from './event-channel.ts'
import { violation } from './session-fault.ts'

/** Who takes what once the handshake is done. */
export interface Receivers {
  readonly outgoing: OutgoingCalls
  readonly incoming: IncomingCalls
  readonly events: EventChannel
  ping(token: number): void
  goaway(envelope: GoawayEnvelope): void
}

/** @throws SessionFault for an envelope that is not allowed now */
export function dispatch(envelope: Envelope | IgnorableEnvelope, receivers: Receivers): void {
  const { outgoing, incoming, events } = receivers
  switch (envelope.kind) {
    case 'hello':
    case 'welcome':
      throw violation(`a ${envelope.kind} after the handshake`)
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
    case 'ping':
      receivers.ping(envelope.token)
      break
    case 'goaway':
      receivers.goaway(envelope)
      break
    case 'pong':
    case 'ignorable':
      break
  }
}
