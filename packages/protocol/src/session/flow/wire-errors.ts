import { textOfThrown } from '../../checks/thrown.ts'
import { encodeBody } from '../../envelope/codec.ts'
import { envelopeLimits } from '../../envelope/envelope-limits.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import type { GoawayEnvelope } from '../../envelope/link-envelopes.ts'
import type { FailureEnvelope } from '../../envelope/session-envelopes.ts'
import { fitText } from '../../envelope/text.ts'
import { mayHaveRun } from '../../may-have-run.ts'
import { ProtocolError } from '../../protocol-error.ts'
import { RpcError } from '../../rpc-error.ts'
import type { AnswerOwner } from '../common/call-types.ts'
import type { SessionCloseReason } from '../common/close-reason.ts'
import { noOwner } from './answer-owner.ts'
import type { EnvelopeWriter } from './envelope-writer.ts'

/** Returns the failure for an RpcError, without its cause. */
function failureOf(callId: number, error: RpcError): FailureEnvelope {
  return {
    kind: 'failure',
    callId,
    ...codeAndText(error),
    maybeExecuted: error.maybeExecuted,
    retryAfterMs: wholeMs(error.retryAfterMs),
    metadata: noMetadata,
    body: encodeBody({ kind: 'value', value: error.data }),
  }
}

/** Rounds a wait up to whole milliseconds, as the wire requires. */
export function wholeMs(given: number | undefined): number | undefined {
  if (given === undefined || !(given >= 0)) return undefined
  return Math.min(Math.ceil(given), Number.MAX_SAFE_INTEGER)
}

export function codeAndText(error: RpcError): { readonly code: string; readonly text: string } {
  const code = fitText(error.code, envelopeLimits.codeBytesMax)
  return { code: code === '' ? 'UNKNOWN' : code, text: fitText(error.message, envelopeLimits.textBytesMax) }
}

/** The goaway of a side that ends for `reason`. */
export function goawayOf(
  { code, message }: SessionCloseReason,
  lastCallId: number,
  overloadRetryAfterMs: number,
): GoawayEnvelope {
  const text = fitText(message, envelopeLimits.textBytesMax)
  const retryAfterMs = code === 'OVERLOADED' ? overloadRetryAfterMs : undefined
  return { kind: 'goaway', code, text, lastCallId, retryAfterMs, metadata: noMetadata }
}

/** The goaway that asks the peer to make its calls elsewhere: see `Session.announceEnd`. */
export function endAnnouncement(retryAfterMs: number | undefined): GoawayEnvelope {
  return {
    kind: 'goaway',
    code: 'CLOSED',
    text: '',
    retryAfterMs: wholeMs(retryAfterMs),
    metadata: noMetadata,
  }
}

/**
 * Sends a failure. If it cannot be sent, sends the error that its owner makes of the reason. Only a handler's data may
 * not fit, so the call may have run then.
 */
export function sendFailure(
  writer: EnvelopeWriter,
  callId: number,
  error: RpcError,
  owner: AnswerOwner = noOwner,
): void {
  try {
    const failure = failureOf(callId, error)
    writer.checkBody(failure.body, `the data of ${error.code}`)
    writer.send(failure, 'answer')
  } catch (cause) {
    const { code, message } = owner.unsendable(unsendable(cause, 'INTERNAL'))
    // Only errors of a handler have data.
    const maybeExecuted = mayHaveRun.handlerBroke
    writer.send(failureOf(callId, new RpcError(code, message, { maybeExecuted })), 'answer')
  }
}

/**
 * Returns the error of a call whose data could not be sent.
 *
 * @param invalidCode for a value that cannot be encoded: the direction decides whose error that is
 */
export function unsendable(cause: unknown, invalidCode: 'INVALID_ARGUMENT' | 'INTERNAL'): RpcError {
  if (RpcError.is(cause)) return cause
  if (ProtocolError.is(cause)) {
    // The reason may quote an error of this side's getters, which the peer must not read.
    const text =
      invalidCode === 'INTERNAL' ? 'the answer cannot be sent: it has no valid form' : cause.message
    return new RpcError(invalidCode, text, { cause })
  }
  return new RpcError('RESOURCE_EXHAUSTED', textOfThrown(cause), { cause })
}
