import type { Contract } from '@frameport/protocol'
import {
  type CallServices,
  CallsOfSignals,
  callFunctions,
  checkedFailure,
  type Interceptor,
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

/** A client that does not answer a question of a program within this is not waited for; a question to a person needs longer, and says so. */
const unaryDeadlineMs = 30_000

/** How a server makes the calls of its clients, the same for all connections. */
export interface ClientCallServices {
  readonly router: Router
  readonly clientCalls: {
    readonly interceptors: readonly Interceptor[]
    readonly defaultDeadlineMs: number | undefined
    readonly streamWindow: Credit
    /** Absent where no deadline is inherited. */
    readonly handledCalls: HandledCalls | undefined
  }
}

/** The calls that a server makes of one client. */
export class ClientCalls {
  readonly #services: ClientCallServices
  readonly #session: Session
  readonly #hookFailed: (error: unknown) => void
  readonly #signals = new CallsOfSignals()
  readonly #functions = new Map<Contract, object>()

  /** @param hookFailed is told what a hook of a call threw */
  constructor(services: ClientCallServices, session: Session, hookFailed: (error: unknown) => void) {
    this.#services = services
    this.#session = session
    this.#hookFailed = hookFailed
  }

  /**
   * A function for each procedure of clients of a contract. Made when it is first asked for.
   *
   * @throws ServerError `UNKNOWN_CONTRACT`
   */
  of(contract: Contract): object {
    const present = this.#functions.get(contract)
    if (present !== undefined) return present
    this.#services.router.checkContract(contract)
    const { peer } = this.#session
    const made = this.#functionsOf(contract, peer)
    // What is made before the handshake knows nothing of the client, and does not last.
    if (peer !== undefined) this.#functions.set(contract, made)
    return made
  }

  #functionsOf(contract: Contract, peer: PeerInfo | undefined): object {
    const { interceptors, defaultDeadlineMs, streamWindow, handledCalls } = this.#services.clientCalls
    const fingerprints = new ToldFingerprints(contract.announcement)
    if (peer !== undefined) fingerprints.opened(peer)
    const services: CallServices = {
      session: this.#session,
      signals: this.#signals,
      streamWindow,
      fingerprintToSend: (entry) => fingerprints.next(entry),
      hookFailed: this.#hookFailed,
      explain: (error) => error,
      explainMismatch: (_entry, error) => error,
    }
    const isAnswered = peer === undefined || isServed(contract, peer)
    const functions = callFunctions(contract.name, contract.clientProcedureEntries.values(), {
      services,
      interceptors,
      defaultDeadlineMs: ({ callKind }) =>
        defaultDeadlineMs ?? (callKind === 'unary' ? unaryDeadlineMs : undefined),
      handledCalls,
      admitted: isAnswered ? undefined : (entry) => () => unanswered(contract, entry),
    })
    return Object.freeze(functions)
  }
}

/** Whether a client has said that it answers calls of a contract. */
function isServed({ name, version }: Contract, { contracts }: PeerInfo): boolean {
  return contracts.some((theirs) => theirs.name === name && theirs.version === version && theirs.serves)
}

/** Of a call that nobody would answer: it is not sent. */
async function unanswered(
  { name, version }: Contract,
  { procedure, fullName }: ProcedureEntry,
): Promise<never> {
  const text =
    `the call was not made: the client answers no calls of ${name} in version ${version}. It was made without handlers, or of ` +
    'another version of the contract.'
  throw checkedFailure(
    procedure,
    await parseFailure(procedure, fullName, errorWithoutStack('UNIMPLEMENTED', text)),
  )
}
