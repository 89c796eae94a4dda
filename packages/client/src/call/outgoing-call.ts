import type { RpcError } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import { errorWithoutStack, type ProcedureEntry, toBody } from '@frameport/protocol/contract'
import type { Body, Credit } from '@frameport/protocol/envelope'
import type { OutgoingCallOptions, Session } from '@frameport/protocol/session'
import type { InterceptedCall } from '../interceptor.ts'
import type { CallsOfSignals } from './calls-of-signals.ts'
import { checkCall } from './check-call.ts'

/** What calls of both kinds, unary and stream, need of the client. */
export interface CallServices {
  readonly session: Session
  /** Which calls a signal cancels. */
  readonly signals: CallsOfSignals
  /** What the server may send ahead of the reader of a stream. */
  readonly streamWindow: Credit
  /** The fingerprint to send with the first call of a procedure that the server knows otherwise. */
  fingerprintToSend(entry: ProcedureEntry): string | undefined
  /** Is told what a hook of a call threw. */
  hookFailed(error: unknown): void
  /** Puts the reason in place of a bare UNAVAILABLE when the client never got a connection. */
  explain(error: RpcError): RpcError
  /**
   * Says more in the text of a failure whose reason may be that client and server have different versions of the procedure. A
   * promise only while the server is asked in what they differ, at most until the deadline of the call.
   */
  explainMismatch(
    entry: ProcedureEntry,
    error: RpcError,
    deadlineAtMs: number | undefined,
  ): RpcError | Promise<RpcError>
}

/** @throws RpcError INVALID_ARGUMENT for options that no call has, or an input that cannot be sent */
export function outgoingOptions(
  services: CallServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): OutgoingCallOptions {
  checkCall(call)
  const { deadlineMs, metadata } = call
  return {
    procedure: entry.wireName,
    fingerprint: () => services.fingerprintToSend(entry),
    input: inputBody(entry, call.input),
    metadata,
    upload: entry.procedure.upload !== undefined,
    isOneway: entry.procedure.oneWay,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function inputBody(entry: ProcedureEntry, input: unknown): Body {
  try {
    return toBody(entry.procedure.input, input)
  } catch (cause) {
    const why = textOfThrown(cause)
    throw errorWithoutStack('INVALID_ARGUMENT', `the input of ${entry.fullName} cannot be sent: ${why}`, {
      cause,
    })
  }
}

/** The failure of a call whose signal was aborted; the signal's reason is kept as the cause. */
export function cancelled(signal: AbortSignal | undefined): RpcError {
  return errorWithoutStack('CANCELLED', 'the call was cancelled by its signal', { cause: signal?.reason })
}
