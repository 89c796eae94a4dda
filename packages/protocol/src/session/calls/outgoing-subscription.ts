import { emptyBody } from '../../envelope/codec.ts'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { OutgoingCall, OutgoingSubscription } from '../common/call-types.ts'
import type { OutgoingCalls } from './outgoing-calls.ts'

/** Starts the call that requests or ends a subscription. */
export function startSubscription(
  calls: OutgoingCalls,
  change: OutgoingSubscription,
  settled: (error: RpcError | undefined, position?: LogPosition) => void,
): OutgoingCall {
  const options = { procedure: change.event, input: emptyBody, subscription: change }
  let begin: LogPosition | undefined
  return calls.start(options, {
    item: () => undefined,
    startsAfter: (position) => {
      begin = position
    },
    settled: (error) => settled(error, begin),
  })
}
