import type { RpcError } from '@frameport/protocol'
import { checkedFailure, type InterceptedCall, type StartCall } from '@frameport/protocol/calling'
import { errorWithoutStack, type ProcedureEntry, parseFailure } from '@frameport/protocol/contract'
import type { ConnectionState } from '../reconnect-types.ts'

/** The part of the connection that this class uses. */
interface Connectedness {
  readonly state: ConnectionState
  readonly trouble: string | undefined
}

/**
 * The option `offline: 'fail'`: fails calls that are made while the client has lost its connection, instead of
 * queueing them.
 */
export class OfflineCalls {
  readonly #connection: Connectedness

  constructor(connection: Connectedness) {
    this.#connection = connection
  }

  /** Returns a function that starts a call if there is a connection, or the first one is being made. */
  admitted<Started>(entry: ProcedureEntry, start: StartCall<Started>): StartCall<Started> {
    const { procedure, fullName } = entry
    return async (call: InterceptedCall) => {
      if (this.#connection.state !== 'reconnecting') return await start(call)
      throw checkedFailure(procedure, await parseFailure(procedure, fullName, this.#failure()))
    }
  }

  #failure(): RpcError {
    const { trouble = 'the client has no connection' } = this.#connection
    const text = `The call was not sent: ${trouble}. Wait for $connection.state 'open', or remove offline: 'fail'.`
    return errorWithoutStack('UNAVAILABLE', text, { maybeExecuted: false })
  }
}
