import { RpcError, type SessionCloseReason } from '@frameport/protocol'

/** What another connection to the same server would end with, too. */
const finalCodes: ReadonlySet<string> = new Set([
  'VERSION_UNSUPPORTED',
  'NOT_FRAMEPORT',
  'PROTOCOL_VIOLATION',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'FRAME_TOO_LONG',
  // Another client goes on with the session: two that take it from each other would do so for ever.
  'REPLACED',
])

/** What a server refuses a hello with that it may take later. */
const passingRefusals: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
])

/** Whether a client that lost its connection for this reason should not connect again. */
export function isFinal({ code, cause, closedBy }: SessionCloseReason): boolean {
  if (code === 'HELLO_REFUSED') return !RpcError.is(cause) || isFinalRefusal(cause)
  // A server ends a connection that is too slow, and takes the next one; what is too much for this client will be so again.
  if (code === 'LIMIT_EXCEEDED') return closedBy !== 'peer'
  return finalCodes.has(code)
}

export function isFinalRefusal({ code }: RpcError): boolean {
  return !passingRefusals.has(code)
}
