import { errorWithoutStack } from '../../error-without-stack.ts'
import { mayHaveRun } from '../../may-have-run.ts'
import type { RpcError } from '../../rpc-error.ts'
import { isStandardCode } from '../../standard-codes.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import { endedWithSession } from '../common/ended-with-session.ts'
import type { IncomingCalls } from './incoming-calls.ts'
import type { OutgoingCalls } from './outgoing-calls.ts'

/** The calls of one session, made by this side and by the peer. */
export interface SessionCalls {
  readonly outgoing: OutgoingCalls
  readonly incoming: IncomingCalls
}

/**
 * The ends of calls. One reason may settle many calls, so each function returns an iterator, of which each step ends
 * one call. No new call can begin once the function has been called.
 */

/**
 * This side closes in order: the calls that it sent continue, and it sends no more.
 *
 * @param closedBy says who closes the session, in the texts of the failures
 */
export function sendNoMore(outgoing: OutgoingCalls, closedBy: string): Generator<void> {
  return inOrder(
    outgoing.stopStarting(() =>
      endedWithSession(errorWithoutStack('UNAVAILABLE', `${closedBy}: the call was not sent`)),
    ),
  )
}

/** The peer closes, and accepted no call after `lastCallId`. `role` is that of this side. */
export function takeNoMore(
  outgoing: OutgoingCalls,
  role: 'client' | 'server',
  lastCallId: number,
  retryAfterMs: number | undefined,
): Generator<void> {
  const text =
    role === 'client'
      ? 'the server is closing and did not accept the call: call again on a new connection'
      : 'the client is closing and did not accept the call'
  const maybeExecuted = mayHaveRun.notTaken
  const refused = () =>
    endedWithSession(errorWithoutStack('UNAVAILABLE', text, { maybeExecuted, retryAfterMs }))
  return inOrder(outgoing.stopStarting(refused), outgoing.refusedAfter(lastCallId, refused))
}

/** The grace period of an orderly close is over: open calls are cancelled, and the peer gets failures for its own. */
export function giveUpOpen({ outgoing, incoming }: SessionCalls, closedBy: string): Generator<void> {
  const text = 'the session was closed before the call ended'
  const ownText = `${closedBy} before the call ended`
  const maybeExecuted = mayHaveRun.sentAndUnanswered
  return inOrder(
    incoming.abortAll(() => errorWithoutStack('UNAVAILABLE', text, { maybeExecuted }), true),
    incoming.oneways.abortAll(() => errorWithoutStack('UNAVAILABLE', text)),
    outgoing.cut(() => endedWithSession(errorWithoutStack('UNAVAILABLE', ownText, { maybeExecuted }))),
  )
}

/**
 * The connection is gone, or about to go: settles each outgoing call, and aborts each handler once.
 *
 * @param refusal the server's refusal of the hello: waiting and later calls fail with it
 * @param closedBy the owner of this side that closed it in order, if that is the reason
 */
export function settleAll(
  { outgoing, incoming }: SessionCalls,
  { code, message, cause, retryAfterMs }: SessionCloseReason,
  refusal: RpcError | undefined,
  closedBy: string | undefined,
): Generator<void> {
  // Then the important fact is that another protocol answered, not that the connection ended.
  const text = code === 'NOT_FRAMEPORT' ? message : `the connection ended (${code}): ${message}`
  const unsent = closedBy === undefined ? text : `${closedBy}: the call was not sent`
  const maybeExecuted = mayHaveRun.sentAndUnanswered
  const lost = () =>
    endedWithSession(errorWithoutStack('UNAVAILABLE', text, { maybeExecuted, cause, retryAfterMs }))
  return inOrder(
    outgoing.stopStarting(() =>
      endedWithSession(
        refusal === undefined
          ? errorWithoutStack('UNAVAILABLE', unsent, { cause, retryAfterMs })
          : causedBy(refusal),
      ),
    ),
    outgoing.cut(lost),
    incoming.abortAll(() => errorWithoutStack('UNAVAILABLE', text, { cause }), false),
    incoming.oneways.abortAll(() => errorWithoutStack('UNAVAILABLE', text, { cause })),
  )
}

/** Runs one iterator after the other. */
export function* inOrder(...parts: Iterable<void>[]): Generator<void> {
  for (const part of parts) yield* part
}

/**
 * Converts the refusal of the hello to the failure of one call. A code of the server is not a code of the procedure,
 * even if that declares one of the same name, so it is in the cause, with its data.
 */
function causedBy(refusal: RpcError): RpcError {
  const { code, message, retryAfterMs } = refusal
  if (isStandardCode(code)) return errorWithoutStack(code, message, { retryAfterMs, cause: refusal })
  const text = `the server refused the connection with ${code}: ${message}`
  return errorWithoutStack('UNKNOWN', text, { retryAfterMs, cause: refusal })
}
