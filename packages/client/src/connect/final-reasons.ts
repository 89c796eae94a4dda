import { RpcError, type SessionCloseReason } from '@frameport/protocol'

/** With these codes, another connection to the same server would end in the same way. */
const finalCodes: ReadonlySet<string> = new Set([
  'VERSION_UNSUPPORTED',
  'NOT_FRAMEPORT',
  'PROTOCOL_VIOLATION',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'FRAME_TOO_LONG',
  // Another client has taken over the session. Without this, two clients would take it from each other forever.
  'REPLACED',
])

/** Codes of refusals of a hello that may be temporary. */
const passingRefusals: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
])

/** Whether a client that lost its connection for this reason should not connect again. */
export function isFinal({ code, cause, closedBy }: SessionCloseReason): boolean {
  if (code === 'HELLO_REFUSED') return !RpcError.is(cause) || isFinalRefusal(cause)
  // A server ends a connection that is too slow, but accepts the next one; a limit of this client would be exceeded again.
  if (code === 'LIMIT_EXCEEDED') return closedBy !== 'peer'
  return finalCodes.has(code)
}

export function isFinalRefusal({ code }: RpcError): boolean {
  return !passingRefusals.has(code)
}
