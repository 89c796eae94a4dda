import type { Contract, ContractEvent, RpcError } from '@frameport/protocol'
import type { CallsOfSignals } from '@frameport/protocol/calling'
import { errorWithoutStack, type ProcedureEntry } from '@frameport/protocol/contract'
import type { PeerInfo, Session, SessionEnvironment } from '@frameport/protocol/session'
import type { ClientOptions } from '../client-options.ts'
import { differenceReport } from './difference-report.ts'
import { MismatchExplainer } from './explain-mismatch.ts'
import { eventNameOf } from './place-parts.ts'
import { ServerDifferences } from './server-differences.ts'
import { StrictContract } from './strict-contract.ts'

export interface ClientDifferencesOptions extends Pick<ClientOptions, 'onContractDifferences' | 'strict'> {
  readonly environment: SessionEnvironment
  readonly session: () => Session
  readonly signals: CallsOfSignals
  readonly remoteEndpoint: string
  /** Told what the user's hook throws. */
  readonly hookFailed: (error: unknown) => void
  /** Runs what users wrote in their context. */
  readonly enter: (run: () => void) => void
}

/** What a client does with differences between its contract and that of the server: says them, explains by them, refuses for them. */
export class ClientDifferences {
  /** Of a strict client: undefined for all others. */
  readonly strict: StrictContract | undefined
  readonly #contract: Contract
  readonly #server: ServerDifferences
  readonly #explainer: MismatchExplainer

  constructor(contract: Contract, options: ClientDifferencesOptions) {
    const { environment, session, signals, remoteEndpoint, hookFailed, enter } = options
    const report = differenceReport(contract, remoteEndpoint, options.onContractDifferences, hookFailed)
    this.#contract = contract
    this.#server = new ServerDifferences(contract, {
      environment,
      session,
      signals,
      onFound: (found, theirHash) => enter(() => report(found, theirHash)),
    })
    this.#explainer = new MismatchExplainer(this.#server, environment)
    this.strict =
      options.strict === true ? new StrictContract(contract, this.#server, environment) : undefined
  }

  /** All of them, once they are known. */
  all(): ReturnType<ServerDifferences['all']> {
    return this.#server.all()
  }

  /**
   * The handshake is done.
   *
   * @returns why nothing of the contract can be called: the server has other versions of it only
   */
  opened(peer: PeerInfo): RpcError | undefined {
    this.#server.opened(peer)
    const { otherVersions } = this.#server
    if (otherVersions.length === 0) return undefined
    const { name, version } = this.#contract
    return errorWithoutStack(
      'UNIMPLEMENTED',
      `the server does not serve ${name} in version ${version}: it serves version ${otherVersions.join(', ')}. ` +
        'Client and server have different versions of the contract: update the older one.',
    )
  }

  /** Nobody needs to know any more. */
  ended(): void {
    this.#server.ended()
  }

  /** See `CallServices.explainMismatch`. */
  explainCall(
    { path }: ProcedureEntry,
    error: RpcError,
    deadlineAtMs: number | undefined,
  ): RpcError | Promise<RpcError> {
    return this.#explainer.explain('procedure', path, error, deadlineAtMs)
  }

  /** Has a failure that concerns an event told with what may explain it: at once, unless the server is still asked. */
  explainEvent(event: ContractEvent, error: RpcError, tell: (explained: RpcError) => void): void {
    const explained = this.#explainer.explain('event', eventNameOf(event.name), error)
    if ('then' in explained) void explained.then(tell)
    else tell(explained)
  }
}
