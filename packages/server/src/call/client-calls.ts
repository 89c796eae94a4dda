import type { Contract, RpcError, StandardRpcCode } from '@frameport/protocol'
import {
  type CallServices,
  CallsOfSignals,
  type CallWatch,
  callFunctions,
  checkedFailure,
  type Interceptor,
  type StartCall,
  ToldFingerprints,
} from '@frameport/protocol/calling'
import {
  errorWithoutStack,
  type HandledCalls,
  type ProcedureEntry,
  parseFailure,
} from '@frameport/protocol/contract'
import type { Credit } from '@frameport/protocol/envelope'
import type { PeerInfo, Session } from '@frameport/protocol/session'
import type { Router } from '../handlers/router.ts'

/**
 * The default deadline of a call to a client. A question to a person needs more time, and must set its own deadline.
 */
const unaryDeadlineMs = 30_000

/** The settings for calls to clients, the same for all connections. */
export interface ClientCallServices {
  readonly router: Router
  readonly clientCalls: {
    readonly interceptors: readonly Interceptor[]
    readonly defaultDeadlineMs: number | undefined
    readonly streamWindow: Credit
    /** Absent if deadlines are not inherited. */
    readonly handledCalls: HandledCalls | undefined
  }
}

/** The calls of a server to one client. */
export class ClientCalls {
  readonly #services: ClientCallServices
  readonly #session: Session
  readonly #hookFailed: (error: unknown) => void
  readonly #watch: CallWatch | undefined
  readonly #signals = new CallsOfSignals()
  readonly #functions = new Map<Contract, object>()

  /**
   * @param hookFailed called with the error of a hook of a call
   * @param watch publishes the calls; absent if nobody can watch them
   */
  constructor(
    services: ClientCallServices,
    session: Session,
    hookFailed: (error: unknown) => void,
    watch: CallWatch | undefined,
  ) {
    this.#services = services
    this.#session = session
    this.#hookFailed = hookFailed
    this.#watch = watch
  }

  /**
   * Returns a function for each client procedure of a contract. Created on first use.
   *
   * @throws ServerError `UNKNOWN_CONTRACT`
   */
  of(contract: Contract): object {
    const present = this.#functions.get(contract)
    if (present !== undefined) return present
    this.#services.router.checkContract(contract)
    const made = this.#functionsOf(contract)
    // Functions created before the client was admitted check each call, and are not kept.
    if (this.#session.peer !== undefined) this.#functions.set(contract, made)
    return made
  }

  #functionsOf(contract: Contract): object {
    const session = this.#session
    const { interceptors, defaultDeadlineMs, streamWindow, handledCalls } = this.#services.clientCalls
    const fingerprints = new ToldFingerprints(contract.announcement)
    const { peer } = session
    const services: CallServices = {
      session,
      signals: this.#signals,
      streamWindow,
      fingerprintToSend: (entry) => fingerprints.next(entry, session.peer),
      hookFailed: this.#hookFailed,
      explain: (error) => error,
      explainMismatch: (_entry, error) => error,
    }
    // Functions created before the client was admitted may be called later: each call checks the current state.
    const admitted = <Started>(entry: ProcedureEntry, start: StartCall<Started>): StartCall<Started> => {
      return async (call) => {
        const { peer: client } = session
        if (client === undefined) {
          if (session.state === 'opening') throw await notSent(entry, 'UNAVAILABLE', notLetIn)
          return start(call)
        }
        if (!isServed(contract, client)) throw await notSent(entry, 'UNIMPLEMENTED', unanswered(contract))
        return start(call)
      }
    }
    const functions = callFunctions(contract.name, contract.clientProcedureEntries.values(), {
      services,
      interceptors,
      defaultDeadlineMs: ({ callKind }) =>
        defaultDeadlineMs ?? (callKind === 'unary' ? unaryDeadlineMs : undefined),
      handledCalls,
      watch: this.#watch,
      admitted: peer !== undefined && isServed(contract, peer) ? undefined : admitted,
    })
    return Object.freeze(functions)
  }
}

/** Whether a client has announced that it answers calls of a contract. */
function isServed({ name, version }: Contract, { contracts }: PeerInfo): boolean {
  return contracts.some((theirs) => theirs.name === name && theirs.version === version && theirs.serves)
}

/**
 * Waiting would never end in the option `context`, because the client itself waits for it, and would take long for a
 * silent stranger.
 */
const notLetIn =
  'the call was not made: the server has not let the client in yet. Call it in onConnection or later, not in the option `context`: ' +
  "`connection.state` is then 'open'."

function unanswered({ name, version }: Contract): string {
  return (
    `the call was not made: the client does not answer calls of ${name} in version ${version}. It was created without handlers, ` +
    'or with another version of the contract.'
  )
}

/** Rejects a call that is not sent. */
async function notSent(
  { procedure, fullName }: ProcedureEntry,
  code: StandardRpcCode,
  text: string,
): Promise<RpcError> {
  return checkedFailure(procedure, await parseFailure(procedure, fullName, errorWithoutStack(code, text)))
}
