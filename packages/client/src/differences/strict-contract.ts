import { type Contract, type ContractEvent, compareFingerprints, type RpcError } from '@frameport/protocol'
import { checkCall, checkedFailure, type InterceptedCall, type StartCall } from '@frameport/protocol/calling'
import { errorWithoutStack, type ProcedureEntry, parseFailure } from '@frameport/protocol/contract'
import type { SessionEnvironment } from '@frameport/protocol/session'
import { textOf } from './explain-mismatch.ts'
import { eventNameOf } from './place-parts.ts'
import type { ServerDifferences } from './server-differences.ts'

/** Refuses, before it is sent, what is not the same on both sides: the option `strict` of a client. */
export class StrictContract {
  readonly #contract: Contract
  readonly #current: () => ServerDifferences
  readonly #environment: SessionEnvironment

  /** @param current those of the session of now */
  constructor(contract: Contract, current: () => ServerDifferences, environment: SessionEnvironment) {
    this.#contract = contract
    this.#current = current
    this.#environment = environment
  }

  /** What starts a call, where its procedure is the same there. */
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
   * Waits until it is known whether the procedure is the same there, which it is at once when the contracts are equal.
   *
   * @param call that was checked
   * @returns the call with what is left of its deadline. One whose time or connection has ended meanwhile is not refused here:
   *   it fails by itself
   * @throws RpcError FAILED_PRECONDITION
   */
  async #admit(entry: ProcedureEntry, call: InterceptedCall): Promise<InterceptedCall> {
    const { deadlineMs, signal } = call
    const startedMs = this.#environment.nowMs()
    if (this.#isOpen()) await this.#differences.within(deadlineMs, signal)
    const refusal = this.#refusal('procedure', entry.path, entry.fullName, entry.fingerprint)
    if (refusal !== undefined) throw refusal
    if (deadlineMs === undefined) return call
    return { ...call, deadlineMs: deadlineMs - (this.#environment.nowMs() - startedMs) }
  }

  /** @throws RpcError FAILED_PRECONDITION for an event that is not the same there */
  async admitEvent({ name: fullName }: ContractEvent): Promise<void> {
    if (this.#isOpen()) await this.#differences.within(undefined, undefined)
    const name = eventNameOf(fullName)
    const own = this.#contract.announcement.eventFingerprints[name] ?? ''
    const refusal = this.#refusal('event', name, fullName, own)
    if (refusal !== undefined) throw refusal
  }

  /** @param wireName of an event that has come */
  refusesEvent(wireName: string): boolean {
    return this.#differences.state === 'unknown' || this.#differences.differs('event', eventNameOf(wireName))
  }

  get #differences(): ServerDifferences {
    return this.#current()
  }

  #isOpen(): boolean {
    const { state } = this.#differences
    return state === 'opening' || state === 'asking'
  }

  #refusal(kind: 'procedure' | 'event', member: string, fullName: string, own: string): RpcError | undefined {
    const { state, otherVersions } = this.#differences
    if (state === 'unknown') {
      return refused(
        `Whether ${fullName} is the same on both sides is not known: the server announced another state of ${this.#contract.name}, ` +
          'or none, and does not describe it.',
        {},
      )
    }
    if (!this.#differences.differs(kind, member)) return undefined
    if (otherVersions.length > 0) {
      const { name, version } = this.#contract
      return refused(
        `${fullName} is of version ${version}, and the server serves ${name} in version ${otherVersions.join(', ')}.`,
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
