import { mayHaveRun } from '../../may-have-run.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { IncomingCalls } from './incoming-calls.ts'
import type { OutgoingCalls } from './outgoing-calls.ts'

/** The calls of one session, made by this side and by the peer. */
export interface SessionCalls {
  readonly outgoing: OutgoingCalls
  readonly incoming: IncomingCalls
}

/** This side closes in order: calls that it sent go on, and it sends no more. */
export function sendNoMore(outgoing: OutgoingCalls): void {
  outgoing.stopStarting(() => new RpcError('UNAVAILABLE', 'this side is closing: the call was not sent'))
}

/** The peer closes, and took no call after `lastCallId`. */
export function takeNoMore(
  outgoing: OutgoingCalls,
  lastCallId: number,
  retryAfterMs: number | undefined,
): void {
  const refused = () =>
    new RpcError('UNAVAILABLE', 'the peer is closing and did not take the call', {
      maybeExecuted: mayHaveRun.notTaken,
      retryAfterMs,
    })
  outgoing.stopStarting(refused)
  outgoing.refusedAfter(lastCallId, refused)
}

/** The grace of an orderly close is over: what is still open is given up, and the peer is told of its calls. */
export function giveUpOpen({ outgoing, incoming }: SessionCalls): void {
  const error = () =>
    new RpcError('UNAVAILABLE', 'the session was closed before the call had ended', {
      maybeExecuted: mayHaveRun.sentAndUnanswered,
    })
  incoming.abortAll(error, true)
  outgoing.cut(error)
}

/**
 * The connection is gone, or about to go: each outgoing call is settled and each handler aborted, once.
 *
 * @param refusal what the server answered the hello with: calls that waited, and later ones, fail with that
 */
export function settleAll(
  { outgoing, incoming }: SessionCalls,
  { code, message, cause, retryAfterMs }: SessionCloseReason,
  refusal: RpcError | undefined,
): void {
  const text = `the connection ended (${code}): ${message}`
  outgoing.stopStarting(() =>
    refusal === undefined ? new RpcError('UNAVAILABLE', text, { cause, retryAfterMs }) : causedBy(refusal),
  )
  const maybeExecuted = mayHaveRun.sentAndUnanswered
  outgoing.cut(() => new RpcError('UNAVAILABLE', text, { maybeExecuted, cause, retryAfterMs }))
  incoming.abortAll(() => new RpcError('UNAVAILABLE', text, { cause }), false)
}

/** The refusal of the hello as the failure of one call. */
function causedBy(refusal: RpcError): RpcError {
  const { code, message, retryAfterMs } = refusal
  return new RpcError(code, message, { retryAfterMs, cause: refusal })
}
