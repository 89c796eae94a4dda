import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallsAgain } from './calls-again.ts'
import type { CallsOfSignals } from './calls-of-signals.ts'

/** The services that calls use. */
export interface CallServices {
  /** The current session. A client that reconnects may get another one: each attempt of a call reads this once. */
  readonly session: Session
  /** Decides which calls are repeated on another session. Absent if there is only one session. */
  readonly again?: CallsAgain | undefined
  /** The calls by the signals that cancel them. */
  readonly signals: CallsOfSignals
  /** The number of items and bytes by which the server may be ahead of the reader of a stream. */
  readonly streamWindow: Credit
  /**
   * Returns the fingerprint to send with a call; undefined if the peer does not need it.
   *
   * @param session the session that sends the call
   */
  fingerprintToSend(entry: ProcedureEntry, session: Session): string | undefined
  /** Called with an error that a callback of a call threw. */
  hookFailed(error: unknown): void
  /** Replaces an UNAVAILABLE without a reason by the reason why the client never got a connection. */
  explain(error: RpcError): RpcError
  /**
   * Extends the text of a failure that may be caused by different versions of the procedure on the two sides. Returns
   * a promise only while it asks the server for the differences, at most until the deadline of the call.
   */
  explainMismatch(
    entry: ProcedureEntry,
    error: RpcError,
    deadlineAtMs: number | undefined,
  ): RpcError | Promise<RpcError>
}
