import { RpcError } from '@frameport/protocol'
import { limits } from '../limits.ts'

/** What a call fails with that needs the other servers, or the log they share. */
export function serversApart(): RpcError {
  return new RpcError('UNAVAILABLE', 'The servers of this chat do not reach each other now.', {
    retryAfterMs: limits.enterAgainMs,
  })
}
