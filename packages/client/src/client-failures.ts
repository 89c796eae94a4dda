import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import { errorWithoutStack } from '@frameport/protocol/contract'
import type { ConnectFailure } from './connect/connect-attempt.ts'

/** The known facts about a missing connection. */
export interface MissingConnection {
  /** The reason why there never was one. */
  readonly failure: ConnectFailure | undefined
  /** A text with the reason why there is none any more. */
  readonly trouble: string | undefined
}

/** Creates the errors for calls of a client whose connection has failed. */
export class ClientFailures {
  readonly #connection: () => MissingConnection
  #closedFor: SessionCloseReason | undefined
  #endError: RpcError | undefined

  /** @param connection called when a call has failed */
  constructor(connection: () => MissingConnection) {
    this.#connection = connection
  }

  /** The reason why there will be no further connection. */
  get endError(): RpcError | undefined {
    return this.#endError
  }

  /** There will be no further connection. @returns the server's refusal of the client, or the reason as an error */
  ended(reason: SessionCloseReason): RpcError {
    this.#closedFor = reason
    const { code, cause, retryAfterMs } = reason
    const refused = RpcError.is(cause) && code === 'HELLO_REFUSED' ? cause : undefined
    const error = refused ?? errorWithoutStack('UNAVAILABLE', reason.message, { cause, retryAfterMs })
    this.#endError = this.explain(error)
    return error
  }

  /**
   * If no connection was ever made, the error has that reason instead of the one of the session. An error of a call
   * that waited says what it waited for.
   */
  explain(error: RpcError): RpcError {
    if (error.code === 'DEADLINE_EXCEEDED' && error.maybeExecuted === false) return this.#withTrouble(error)
    if (error.code !== 'UNAVAILABLE') return error
    const { failure } = this.#connection()
    if (failure !== undefined)
      return errorWithoutStack('UNAVAILABLE', failure.message, {
        maybeExecuted: error.maybeExecuted,
        cause: failure.cause,
      })
    return withReason(this.#withTrouble(error), this.#closedFor)
  }

  #withTrouble(error: RpcError): RpcError {
    const { trouble } = this.#connection()
    if (trouble === undefined) return error
    const { code, message, data, maybeExecuted, retryAfterMs, cause } = error
    const text = `${message.replace(/\.$/, '')}; ${trouble}`
    return errorWithoutStack(code, text, { data, maybeExecuted, retryAfterMs, cause })
  }
}

/** Adds the reason to the error of a call whose connection broke. */
function withReason(error: RpcError, reason: SessionCloseReason | undefined): RpcError {
  if (reason === undefined || reason.code === 'CLOSED' || error.cause !== undefined) return error
  if (error.message.includes(reason.message)) return error
  const { code, message, data, maybeExecuted, retryAfterMs } = error
  const cause = reason.cause ?? new Error(reason.message)
  return errorWithoutStack(code, message, { data, maybeExecuted, retryAfterMs, cause })
}
