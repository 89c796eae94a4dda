import { describeValue } from '../../checks/check-value.ts'
import { type Body, valueOfBody } from '../../envelope/codec.ts'
import type { EnvelopeBody } from '../../envelope/envelope-parts.ts'
import { peerText } from '../../envelope/peer-text.ts'
import type { FailureEnvelope } from '../../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../../error-without-stack.ts'
import { asMayHaveRun, mayHaveRun } from '../../may-have-run.ts'
import { RpcError } from '../../rpc-error.ts'
import type { OutgoingCallOptions } from '../common/call-types.ts'
import { endedWithSession } from '../common/ended-with-session.ts'
import { decodeArrived } from '../flow/own-bytes.ts'
import type { SessionCore } from '../flow/session-core.ts'

/** The failures of calls of this side. */

/** Returns the error that the callee reports. @param isClosing the session takes or sends no further calls */
export function failureOf(core: SessionCore, envelope: FailureEnvelope, isClosing: boolean): RpcError {
  const { maybeExecuted } = envelope
  const body = readAnswer(core, envelope.body, `the data of ${peerText(envelope.code)}`)
  // The callee has said whether the call ran, even if its data cannot be used.
  const error = RpcError.is(body) ? asMayHaveRun(body, maybeExecuted) : rpcErrorOf(envelope, body)
  // A closing peer sends this for each call that is open when its grace is over.
  const isGivenUp = isClosing && error.code === 'UNAVAILABLE' && maybeExecuted
  return isGivenUp ? endedWithSession(error) : error
}

function rpcErrorOf(envelope: FailureEnvelope, body: Body): RpcError {
  const data = valueOfBody(body)
  return errorWithoutStack(peerText(envelope.code), peerText(envelope.text), {
    ...(data === undefined ? {} : { data }),
    maybeExecuted: envelope.maybeExecuted,
    retryAfterMs: envelope.retryAfterMs,
  })
}

/** Returns a body of the answer, or the error with which the call fails. */
export function readAnswer(core: SessionCore, encoded: EnvelopeBody, what: string): Body | RpcError {
  const max = core.limits.bodyBytesMax
  if (encoded.bytes.length > max) {
    return errorWithoutStack(
      'RESOURCE_EXHAUSTED',
      `${what} has ${encoded.bytes.length} bytes, and this side accepts ${max}: raise bodyBytesMax here`,
      { maybeExecuted: mayHaveRun.answerUnusable },
    )
  }
  try {
    return decodeArrived(encoded)
  } catch (cause) {
    return errorWithoutStack('INTERNAL', `the peer sent ${what} that is not valid`, {
      cause,
      maybeExecuted: mayHaveRun.answerUnusable,
    })
  }
}

/** @param waitedFor the reason why it was not sent */
export function deadlineExceeded(waitedFor?: string): RpcError {
  const text = 'the deadline of the call has passed'
  return errorWithoutStack(
    'DEADLINE_EXCEEDED',
    waitedFor === undefined ? text : `${text} before it was sent: ${waitedFor}`,
  )
}

export function metadataTooLong(): RpcError {
  return errorWithoutStack(
    'RESOURCE_EXHAUSTED',
    'the metadata of the answer exceed the limits of this side',
    {
      maybeExecuted: mayHaveRun.answerUnusable,
    },
  )
}

/** @throws RpcError INVALID_ARGUMENT */
export function checkNumbers({ deadlineMs, initialCredit }: OutgoingCallOptions): void {
  if (deadlineMs !== undefined && !Number.isFinite(deadlineMs)) {
    throw errorWithoutStack(
      'INVALID_ARGUMENT',
      `deadlineMs is ${describeValue(deadlineMs)}, not a number of milliseconds: leave it out for a call without a deadline`,
    )
  }
  if (initialCredit !== undefined && !(isAmount(initialCredit.items) && isAmount(initialCredit.bytes))) {
    throw errorWithoutStack(
      'INVALID_ARGUMENT',
      `initialCredit is ${initialCredit.items} items and ${initialCredit.bytes} bytes: both must be integers of at least 0`,
    )
  }
}

function isAmount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
