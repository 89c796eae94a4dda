import { RpcError, type SessionCloseReason } from '@frameport/protocol'
import { errorWithoutStack } from '@frameport/protocol/contract'
import type { ConnectFailure } from './connect/connect-attempt.ts'

/** What is known of a connection that there is not. */
export interface MissingConnection {
  /** Why there never was one. */
  readonly failure: ConnectFailure | undefined
  /** In words, why there is none although there was one. */
  readonly trouble: string | undefined
}

/** What the calls of a client fail with that its connection has failed. */
export class ClientFailures {
  readonly #connection: () => MissingConnection
  #closedFor: SessionCloseReason | undefined
  #endError: RpcError | undefined

  /** @param connection asked for when a call has failed */
  constructor(connection: () => MissingConnection) {
    this.#connection = connection
  }

  /** Why there will be no connection any more. */
  get endError(): RpcError | undefined {
    return this.#endError
  }

  /** There will be no connection any more. @returns what the server has refused the client with, or the reason as an error */
  ended(reason: SessionCloseReason): RpcError {
    this.#closedFor = reason
    const { code, cause, retryAfterMs } = reason
    const refused = RpcError.is(cause) && code === 'HELLO_REFUSED' ? cause : undefined
    const error = refused ?? errorWithoutStack('UNAVAILABLE', reason.message, { cause, retryAfterMs })
    this.#endError = this.explain(error)
    return error
  }

  /** If no connection was ever made, that is the reason, instead of the session's. What waited says for what. */
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

/** A call that found its connection broken knows by its cause how. */
function withReason(error: RpcError, reason: SessionCloseReason | undefined): RpcError {
  if (reason === undefined || reason.code === 'CLOSED' || error.cause !== undefined) return error
  if (error.message.includes(reason.message)) return error
  const { code, message, data, maybeExecuted, retryAfterMs } = error
  const cause = reason.cause ?? new Error(reason.message)
  return errorWithoutStack(code, message, { data, maybeExecuted, retryAfterMs, cause })
}
