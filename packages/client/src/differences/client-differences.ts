import type { Contract, ContractEvent, RpcError } from '@frameport/protocol'
import type { CallsOfSignals } from '@frameport/protocol/calling'
import { errorWithoutStack, type ProcedureEntry } from '@frameport/protocol/contract'
import type { PeerInfo, Session, SessionEnvironment } from '@frameport/protocol/session'
import type { ClientOptions } from '../client-options.ts'
import type { ServerDifference } from '../server-difference.ts'
import { differenceReport } from './difference-report.ts'
import { MismatchExplainer } from './explain-mismatch.ts'
import type { NextConnection } from './next-connection.ts'
import { eventNameOf } from './place-parts.ts'
import { ServerDifferences } from './server-differences.ts'
import { StrictContract } from './strict-contract.ts'

export interface ClientDifferencesOptions extends Pick<ClientOptions, 'onContractDifferences' | 'strict'> {
  readonly environment: SessionEnvironment
  /** Returns the differences of the current session. */
  readonly current: () => ServerDifferences
  readonly signals: CallsOfSignals
  readonly nextConnection: NextConnection
  readonly remoteEndpoint: string
  /** Called with the error of the user's hook. */
  readonly hookFailed: (error: unknown) => void
  /** Runs user code in the user's async context. */
  readonly enter: (run: () => void) => void
}

/** Uses the differences between the contracts of a client and its server: reports them, explains failures, and refuses calls. */
export class ClientDifferences {
  /** For a strict client; undefined for all others. */
  readonly strict: StrictContract | undefined
  readonly #contract: Contract
  readonly #current: () => ServerDifferences
  readonly #bind: (session: () => Session) => ServerDifferences
  readonly #explainer: MismatchExplainer

  constructor(contract: Contract, options: ClientDifferencesOptions) {
    const { environment, current, signals, remoteEndpoint, hookFailed, enter } = options
    const report = differenceReport(contract, remoteEndpoint, options.onContractDifferences, hookFailed)
    this.#contract = contract
    this.#current = current
    let toldHash: string | undefined
    const onFound = (found: readonly ServerDifference[], theirHash: string) => {
      // Reported once for each state of the server's contract, however often the client connects.
      if (toldHash === theirHash) return
      toldHash = theirHash
      enter(() => report(found, theirHash))
    }
    this.#bind = (session) => new ServerDifferences(contract, { environment, session, signals, onFound })
    this.#explainer = new MismatchExplainer(current, environment)
    this.strict = options.strict === true ? new StrictContract(contract, options) : undefined
  }

  /** Returns the differences of one session, which is created after this call. */
  of(session: () => Session): ServerDifferences {
    return this.#bind(session)
  }

  /** Returns all differences, once they are known. */
  all(): ReturnType<ServerDifferences['all']> {
    return this.#current().all()
  }

  /**
   * The handshake of a session is complete.
   *
   * @param server its differences
   * @returns the error if no call of the contract is possible, because the server only has other versions of it
   */
  opened(server: ServerDifferences, peer: PeerInfo): RpcError | undefined {
    server.opened(peer)
    const { otherVersions } = server
    if (otherVersions.length === 0) return undefined
    const { name, version } = this.#contract
    return errorWithoutStack(
      'UNIMPLEMENTED',
      `the server does not serve ${name} in version ${version}: it serves version ${otherVersions.join(', ')}. ` +
        'Client and server have different versions of the contract: update the older one.',
    )
  }

  /** See `CallServices.explainMismatch`. */
  explainCall(
    { path }: ProcedureEntry,
    error: RpcError,
    deadlineAtMs: number | undefined,
  ): RpcError | Promise<RpcError> {
    return this.#explainer.explain('procedure', path, error, deadlineAtMs)
  }

  /**
   * Passes on a failure that concerns an event, with an explanation if there is one: at once, unless the server has not
   * answered yet.
   */
  explainEvent(event: ContractEvent, error: RpcError, tell: (explained: RpcError) => void): void {
    const explained = this.#explainer.explain('event', eventNameOf(event.name), error)
    if ('then' in explained) void explained.then(tell)
    else tell(explained)
  }
}
