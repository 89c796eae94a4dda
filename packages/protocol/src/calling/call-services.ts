import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { Credit } from '../envelope/session-envelopes.ts'
import type { RpcError } from '../rpc-error.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallsAgain } from './calls-again.ts'
import type { CallsOfSignals } from './calls-of-signals.ts'

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
