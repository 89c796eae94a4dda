import { type Contract, type ContractEvent, compareFingerprints, type RpcError } from '@frameport/protocol'
import { checkCall, checkedFailure, type InterceptedCall, type StartCall } from '@frameport/protocol/calling'
import { errorWithoutStack, type ProcedureEntry, parseFailure } from '@frameport/protocol/contract'
import { textOf } from './explain-mismatch.ts'
import type { NextConnection } from './next-connection.ts'
import { eventNameOf } from './place-parts.ts'
import type { ServerDifferences } from './server-differences.ts'
import { type WaitContext, waitWithin } from './wait-within.ts'

export interface StrictContractOptions extends WaitContext {
  /** Returns the differences of the current session. */
  readonly current: () => ServerDifferences
  readonly nextConnection: Pick<NextConnection, 'awaited'>
}

/** Refuses calls and events that differ between the two sides before they are sent: the option `strict` of a client. */
export class StrictContract {
  readonly #contract: Contract
  readonly #options: StrictContractOptions

  constructor(contract: Contract, options: StrictContractOptions) {
    this.#contract = contract
    this.#options = options
  }

  /** Returns a function that starts a call if its procedure is the same on the server. */
  admitted<Started>(entry: ProcedureEntry, start: StartCall<Started>): StartCall<Started> {
    const { procedure, fullName } = entry
    return async (call) => {
      let admitted: InterceptedCall
      try {
        checkCall(call)
        admitted = await this.#admit(entry, call)
      } catch (error) {
        throw checkedFailure(procedure, await parseFailure(procedure, fullName, error as RpcError))
      }
      return await start(admitted)
    }
  }

  /**
   * Waits until it is known whether the procedure is the same on the server. That is immediate if the contracts are
   * equal.
   *
   * @param call a checked call
   * @returns the call with the rest of its deadline. A call whose time or connection has ended meanwhile is not refused
   * here: it fails by itself
   * @throws RpcError FAILED_PRECONDITION
   */
  async #admit(entry: ProcedureEntry, call: InterceptedCall): Promise<InterceptedCall> {
    const { deadlineMs, signal } = call
    const { environment } = this.#options
    const startedMs = environment.nowMs()
    const leftMs = () =>
      deadlineMs === undefined ? undefined : deadlineMs - (environment.nowMs() - startedMs)
    if (await this.#isKnown(leftMs, signal)) {
      const refusal = this.#refusal('procedure', entry.path, entry.fullName, entry.fingerprint)
      if (refusal !== undefined) throw refusal
    }
    return deadlineMs === undefined ? call : { ...call, deadlineMs: leftMs() }
  }

  /** @throws RpcError FAILED_PRECONDITION for an event that differs on the server */
  async admitEvent({ name: fullName }: ContractEvent): Promise<void> {
    await this.#isKnown(() => undefined, undefined)
    const name = eventNameOf(fullName)
    const own = this.#contract.announcement.eventFingerprints[name] ?? ''
    const refusal = this.#refusal('event', name, fullName, own)
    if (refusal !== undefined) throw refusal
  }

  /** @param wireName of a received event */
  refusesEvent(wireName: string): boolean {
    return this.#differences.state === 'unknown' || this.#differences.differs('event', eventNameOf(wireName))
  }

  get #differences(): ServerDifferences {
    return this.#options.current()
  }

  /**
   * Waits until there is a connection and the differences of its server are known. Those of a former server do not
   * count, because another server may have replaced it.
   *
   * @returns false if the time is over, or the signal is aborted, before there is a connection
   */
  async #isKnown(leftMs: () => number | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    const { nextConnection } = this.#options
    for (let next = nextConnection.awaited; next !== undefined; next = nextConnection.awaited) {
      const timeMs = leftMs()
      if (signal?.aborted === true || (timeMs !== undefined && timeMs <= 0)) return false
      await waitWithin(next, this.#options, timeMs, signal)
    }
    if (this.#isOpen()) await this.#differences.within(leftMs(), signal)
    return true
  }

  #isOpen(): boolean {
    const { state } = this.#differences
    return state === 'opening' || state === 'asking'
  }

  #refusal(kind: 'procedure' | 'event', member: string, fullName: string, own: string): RpcError | undefined {
    const { state, otherVersions } = this.#differences
    if (state === 'unknown') {
      return refused(
        `It is not known whether ${fullName} is the same on both sides: the server announced another state of ${this.#contract.name}, ` +
          'or none, and does not describe it.',
        {},
      )
    }
    if (!this.#differences.differs(kind, member)) return undefined
    if (otherVersions.length > 0) {
      const { name, version } = this.#contract
      return refused(
        `${fullName} is of version ${version}, but the server serves ${name} in version ${otherVersions.join(', ')}.`,
        { serverVersions: otherVersions },
      )
    }
    const found = this.#differences.found.filter((one) => one.kind === kind && one.member === member)
    const server = this.#differences.theirFingerprint(kind, member)
    const differs = kind === 'procedure' && server !== undefined ? compareFingerprints(own, server) : []
    const inWhat = found.length === 0 ? '' : `: ${textOf(found)}`
    return refused(`${fullName} is not the same on both sides${inWhat}.`, { server, client: own, differs })
  }
}

function refused(text: string, data: object): RpcError {
  const advice =
    'This client is strict. Client and server were built from different versions of the contract: update the older one.'
  return errorWithoutStack('FAILED_PRECONDITION', `${text} ${advice}`, { data })
}
