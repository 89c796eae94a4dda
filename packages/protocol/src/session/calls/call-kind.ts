import type { CallKind } from '../../envelope/call-kind.ts'
import type { CallEnvelope } from '../../envelope/session-envelopes.ts'

/** Returns the kind of call that an envelope begins. */
export function kindOf({ credit, upload }: CallEnvelope): CallKind {
  if (upload) return credit === undefined ? 'client-stream' : 'both-ways'
  return credit === undefined ? 'unary' : 'server-stream'
}
