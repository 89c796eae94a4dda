import type { Contract } from '@frameport/protocol'
import { describeProcedure, readDescription } from '@frameport/protocol/contract'
import type { AnnouncedContract, Body } from '@frameport/protocol/envelope'
import type { OutgoingCall, PeerInfo, Session } from '@frameport/protocol/session'
import type { ServerDifference } from '../server-difference.ts'
import { compareDescription } from './compare-description.ts'
import { type WaitContext, waitWithin } from './wait-within.ts'

/** The time that the server may take to describe its contract. Only strict calls wait for it. */
const describeTimeoutMs = 10_000

const none: readonly ServerDifference[] = Object.freeze([])

/**
 * - `opening`: the server has announced nothing yet
 * - `same`: the server has announced the same hash
 * - `asking`: it has announced another hash, and was asked for its description
 * - `known`: the differences are known
 * - `unknown`: it does not describe its contract
 * - `ended`: there is no connection, and the differences no longer matter
 */
export type DifferencesState = 'opening' | 'same' | 'asking' | 'known' | 'unknown' | 'ended'

/** The kinds of members that a strict client checks. */
type MemberKind = 'procedure' | 'event'

export interface ServerDifferencesOptions extends WaitContext {
  readonly session: () => Session
  /** Called once, with at least one difference and the hash that the server announced (empty without one). Never throws. */
  readonly onFound: (differences: readonly ServerDifference[], theirHash: string) => void
}

/** Determines once, independently of calls, how the server's contract differs from that of the client. */
export class ServerDifferences {
  readonly #contract: Contract
  readonly #options: ServerDifferencesOptions
  #state: DifferencesState = 'opening'
  #found: readonly ServerDifference[] | undefined
  /**
   * The procedures and events of this contract that the server has with another fingerprint, or does not have
   * (`undefined`).
   */
  #differing: ReadonlyMap<string, string | undefined> = new Map()
  #versions: readonly number[] = []
  #call: OutgoingCall | undefined
  #settle!: () => void
  readonly #settled: Promise<void>

  constructor(contract: Contract, options: ServerDifferencesOptions) {
    this.#contract = contract
    this.#options = options
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get state(): DifferencesState {
    return this.#state
  }

  /** The currently known differences. */
  get found(): readonly ServerDifference[] {
    return this.#found ?? none
  }

  /** The versions of the contract that the server has if it does not have this one; empty otherwise. */
  get otherVersions(): readonly number[] {
    return this.#versions
  }

  /** Settles when the answer is known: with undefined if the server does not describe its contract. Never rejects. */
  async all(): Promise<readonly ServerDifference[] | undefined> {
    await this.#settled
    return this.#state === 'same' ? none : this.#found
  }

  /** Whether a procedure or an event differs between the two sides. Returns false before the state is `known`. */
  differs(kind: MemberKind, member: string): boolean {
    return this.#differing.has(keyOf(kind, member))
  }

  /** The fingerprint of the server, if it differs. */
  theirFingerprint(kind: MemberKind, member: string): string | undefined {
    return this.#differing.get(keyOf(kind, member))
  }

  /** Settles when the answer is final, after `timeoutMs`, or when `signal` is aborted. Never rejects. */
  async within(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    await waitWithin(this.#settled, this.#options, timeoutMs, signal)
  }

  /** Called when the handshake is complete. */
  opened({ contracts }: PeerInfo): void {
    const { name, version, announcement } = this.#contract
    const states = contracts.filter((theirs) => theirs.name === name)
    const state = states.find((theirs) => theirs.version === version)
    if (state?.hash === announcement.hash) this.#end('same')
    else if (state !== undefined) this.#ask(state)
    else if (states.length === 0) this.#end('unknown')
    else this.#versionNotServed(states)
  }

  /** Called when the client no longer needs the answer. */
  ended(): void {
    if (this.#state === 'opening' || this.#state === 'asking') this.#end('ended')
    else if (this.#state === 'unknown') this.#state = 'ended'
    this.#call?.cancel()
  }

  #versionNotServed(states: readonly AnnouncedContract[]): void {
    const { name, version, procedureEntries, eventEntries } = this.#contract
    this.#versions = states.map((state) => state.version).sort((one, other) => one - other)
    const keys = [
      ...[...procedureEntries.keys()].map((path) => keyOf('procedure', path)),
      ...[...eventEntries.keys()].map((event) => keyOf('event', event)),
    ]
    this.#differing = new Map(keys.map((key) => [key, undefined]))
    const text = `is version ${version} of ${name}, which the server does not serve: it serves version ${this.#versions.join(', ')}`
    this.#know([Object.freeze({ kind: 'contract', member: '', place: '', outcome: 'fails', text })], '')
  }

  #ask({ hash }: AnnouncedContract): void {
    this.#state = 'asking'
    const { name: contract, version } = this.#contract
    this.#call = this.#options.session().call(
      {
        procedure: describeProcedure,
        input: { kind: 'value', value: { contract, version } },
        deadlineMs: describeTimeoutMs,
      },
      { item: () => undefined, settled: (_, body) => this.#answered(body, hash) },
    )
  }

  /** @param body of kind `none` for a failure */
  #answered(body: Body, hash: string): void {
    this.#call = undefined
    if (this.#state !== 'asking') return
    const description = body.kind === 'value' ? readDescription(body.value) : undefined
    if (description === undefined) {
      this.#end('unknown')
      return
    }
    const { fingerprints, eventFingerprints } = this.#contract.announcement
    this.#differing = new Map([
      ...differing('procedure', fingerprints, description.procedures),
      ...differing('event', eventFingerprints, description.events),
    ])
    this.#know(compareDescription(this.#contract, description), hash)
  }

  #know(found: readonly ServerDifference[], hash: string): void {
    this.#found = Object.freeze(found)
    this.#end('known')
    if (found.length > 0) this.#options.onFound(found, hash)
  }

  #end(state: DifferencesState): void {
    this.#state = state
    this.#settle()
  }
}

/** Yields the members of this side that differ on the server, with the server's fingerprint. */
function* differing(
  kind: MemberKind,
  own: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): Iterable<[string, string | undefined]> {
  for (const [member, fingerprint] of Object.entries(own)) {
    const other = Object.hasOwn(theirs, member) ? theirs[member] : undefined
    if (other !== fingerprint) yield [keyOf(kind, member), other]
  }
}

function keyOf(kind: MemberKind, member: string): string {
  return `${kind} ${member}`
}
