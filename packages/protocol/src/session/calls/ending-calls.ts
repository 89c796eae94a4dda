import { errorForCaller, errorForPeer } from '../../error-for-peer.ts'
import { mayHaveRun } from '../../may-have-run.ts'
import type { RpcError } from '../../rpc-error.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import type { IncomingCalls } from './incoming-calls.ts'
import type { OutgoingCalls } from './outgoing-calls.ts'

/** The calls of one session, made by this side and by the peer. */
export interface SessionCalls {
  readonly outgoing: OutgoingCalls
  readonly incoming: IncomingCalls
}

/**
 * The ends of calls. What is settled for one reason may be many calls: each function gives back an iterator, of which each
 * step ends one of them. That nothing is begun any more is so from the call of the function on.
 */

/** This side closes in order: calls that it sent go on, and it sends no more. */
export function sendNoMore(outgoing: OutgoingCalls): Generator<void> {
  return inOrder(
    outgoing.stopStarting(() => errorForCaller('UNAVAILABLE', 'this side is closing: the call was not sent')),
  )
}

/** The peer closes, and took no call after `lastCallId`. */
export function takeNoMore(
  outgoing: OutgoingCalls,
  lastCallId: number,
  retryAfterMs: number | undefined,
): Generator<void> {
  const refused = () =>
    errorForCaller('UNAVAILABLE', 'the peer is closing and did not take the call', {
      maybeExecuted: mayHaveRun.notTaken,
      retryAfterMs,
    })
  return inOrder(outgoing.stopStarting(refused), outgoing.refusedAfter(lastCallId, refused))
}

/** The grace of an orderly close is over: what is still open is given up, and the peer is told of its calls. */
export function giveUpOpen({ outgoing, incoming }: SessionCalls): Generator<void> {
  const text = 'the session was closed before the call had ended'
  const maybeExecuted = mayHaveRun.sentAndUnanswered
  return inOrder(
    incoming.abortAll(() => errorForPeer('UNAVAILABLE', text, { maybeExecuted }), true),
    outgoing.cut(() => errorForCaller('UNAVAILABLE', text, { maybeExecuted })),
  )
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
): Generator<void> {
  const text = `the connection ended (${code}): ${message}`
  const maybeExecuted = mayHaveRun.sentAndUnanswered
  return inOrder(
    outgoing.stopStarting(() =>
      refusal === undefined
        ? errorForCaller('UNAVAILABLE', text, { cause, retryAfterMs })
        : causedBy(refusal),
    ),
    outgoing.cut(() => errorForCaller('UNAVAILABLE', text, { maybeExecuted, cause, retryAfterMs })),
    incoming.abortAll(() => errorForPeer('UNAVAILABLE', text, { cause }), false),
  )
}

function* inOrder(...parts: Iterable<void>[]): Generator<void> {
  for (const part of parts) yield* part
}

/** The refusal of the hello as the failure of one call. */
function causedBy(refusal: RpcError): RpcError {
  const { code, message, retryAfterMs } = refusal
  return errorForCaller(code, message, { retryAfterMs, cause: refusal })
}
