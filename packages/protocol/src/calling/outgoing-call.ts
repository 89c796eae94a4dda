import { textOfThrown } from '../checks/thrown.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { toBody } from '../contract/to-body.ts'
import type { Body } from '../envelope/codec.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import type { RpcError } from '../rpc-error.ts'
import type { OutgoingCallOptions } from '../session/common/call-types.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallsAgain } from './calls-again.ts'
import type { CallsOfSignals } from './calls-of-signals.ts'
import { checkCall } from './check-call.ts'
import type { InterceptedCall } from './interceptor.ts'

/** What calls of both kinds, unary and stream, need of the client. */
export interface CallServices {
  /** The session of now. A client that connects again may have another one later: each call asks once for each attempt. */
  readonly session: Session
  /** Decides which calls are made again on another session. Absent where there is only one. */
  readonly again?: CallsAgain | undefined
  /** Which calls a signal cancels. */
  readonly signals: CallsOfSignals
  /** What the server may send ahead of the reader of a stream. */
  readonly streamWindow: Credit
  /**
   * The fingerprint to send with the first call of a procedure that the server knows otherwise.
   *
   * @param session on which the call is sent
   */
  fingerprintToSend(entry: ProcedureEntry, session: Session): string | undefined
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

/** What a call asks of its session. One shape for all calls, and no closure in any. */
export class CallRequest implements OutgoingCallOptions {
  readonly procedure: string
  readonly input: Body
  readonly metadata: Metadata
  readonly upload: boolean
  readonly isOneway: boolean
  readonly deadlineMs: number | undefined
  readonly initialCredit: Credit | undefined
  readonly started: (() => void) | undefined
  readonly #services: CallServices
  readonly #session: Session
  readonly #entry: ProcedureEntry

  /**
   * @param session on which the call is made
   * @param initialCredit of a stream
   * @param started as that of the session's options
   * @throws RpcError INVALID_ARGUMENT for options that no call has, or an input that cannot be sent
   */
  constructor(
    services: CallServices,
    session: Session,
    entry: ProcedureEntry,
    call: InterceptedCall,
    initialCredit?: Credit,
    started?: () => void,
  ) {
    checkCall(call)
    const { deadlineMs, metadata } = call
    this.procedure = entry.wireName
    this.input = inputBody(entry, call.input)
    this.metadata = metadata
    this.upload = entry.procedure.upload !== undefined
    this.isOneway = entry.procedure.oneWay
    this.deadlineMs = deadlineMs === Number.POSITIVE_INFINITY ? undefined : deadlineMs
    this.initialCredit = initialCredit
    this.started = started
    this.#services = services
    this.#session = session
    this.#entry = entry
  }

  fingerprint(): string | undefined {
    return this.#services.fingerprintToSend(this.#entry, this.#session)
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

/**
 * @throws RpcError CANCELLED for a signal that is aborted, INVALID_ARGUMENT for one of somebody's own that throws when it is asked
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  let isAborted: boolean
  try {
    isAborted = signal?.aborted === true
  } catch (cause) {
    const text = `the call was not made: its signal threw when it was asked: ${textOfThrown(cause)}`
    throw errorWithoutStack('INVALID_ARGUMENT', text, { cause })
  }
  if (isAborted) throw cancelled(signal)
}

/** Of a call that was made: a signal that throws now has cancelled nothing. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  try {
    return signal?.aborted === true
  } catch {
    return false
  }
}

/** The failure of a call whose signal throws when it is listened to: nobody could cancel the call by it. */
export function unheardSignal(cause: unknown): RpcError {
  const text = `the call was given up: its signal threw when it was listened to: ${textOfThrown(cause)}`
  return errorWithoutStack('CANCELLED', text, { cause })
}

/** The failure of a call whose signal was aborted; the signal's reason is kept as the cause. */
export function cancelled(signal: AbortSignal | undefined): RpcError {
  return errorWithoutStack('CANCELLED', 'the call was cancelled by its signal', { cause: reasonOf(signal) })
}

/** A signal of somebody's own may throw when it is asked: that is the reason then. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason
  } catch (thrown) {
    return thrown
  }
}

/**
 * A call to be made again, with the time that is left of its deadline: none is given anew.
 *
 * @param deadlineAtMs on the clock that shows `nowMs`
 */
export function withTimeLeft(
  call: InterceptedCall,
  deadlineAtMs: number | undefined,
  nowMs: number,
): InterceptedCall {
  return deadlineAtMs === undefined ? call : { ...call, deadlineMs: deadlineAtMs - nowMs }
}
