import { emptyBody } from '../../envelope/codec.ts'
import type { Extensions } from '../../envelope/envelope-parts.ts'
import { ownPosition } from '../../envelope/log-position.ts'
import type { LogPosition, SubscribeEnvelope, UnsubscribeEnvelope } from '../../envelope/session-envelopes.ts'
import type { IncomingSubscription } from '../common/call-types.ts'
import { noOwner } from '../flow/answer-owner.ts'
import { positionExtension } from './call-extensions.ts'
import { IncomingCallState } from './incoming-call.ts'

/** The call that a subscription is answered as. */
export class SubscriptionCall extends IncomingCallState {
  #begin: LogPosition | undefined

  /** The result carries the position. */
  beginsAfter(position: LogPosition | undefined): void {
    this.#begin = position
  }

  override get resultExtensions(): Extensions | undefined {
    return this.#begin === undefined ? undefined : positionExtension(this.#begin)
  }
}

/** Returns the request for the layer above. */
export function subscriptionRequest(
  envelope: SubscribeEnvelope | UnsubscribeEnvelope,
  call: SubscriptionCall,
): IncomingSubscription {
  const { kind, event, topic } = envelope
  const given = envelope.kind === 'subscribe' ? envelope.position : undefined
  const position = given === undefined ? undefined : ownPosition(given)
  return {
    kind,
    event,
    topic,
    position,
    call,
    accept(begin, handed) {
      call.beginsAfter(begin)
      call.respond(emptyBody, { unsendable: noOwner.unsendable, given: () => handed?.() })
    },
  }
}
