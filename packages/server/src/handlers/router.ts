import { type ContractEvent, compareFingerprints, RpcError } from '@frameport/protocol'
import { nearestName } from '@frameport/protocol/checks'
import type { ProcedureEntry } from '@frameport/protocol/contract'
import type { ContractAnnouncement } from '@frameport/protocol/envelope'
import type { IncomingCall } from '@frameport/protocol/session'
import { ServerError } from '../server-error.ts'
import type { HandlerBinding } from './handler-types.ts'
import type { Implementation } from './implementer-types.ts'

/** A procedure and what runs it. */
export interface Route {
  readonly entry: ProcedureEntry
  readonly binding: HandlerBinding
}

/** Finds the handler of a call by the name that it has on the wire, `chat@2/files.put`. */
export class Router {
  readonly announcements: readonly ContractAnnouncement[]
  readonly #routes = new Map<string, Route>()
  readonly #events = new Map<string, ContractEvent>()
  readonly #strict: boolean

  /** @throws ServerError `DUPLICATE_CONTRACT` */
  constructor(
    implementations: readonly Implementation<never, unknown>[],
    { strict }: { readonly strict: boolean },
  ) {
    this.#strict = strict
    const names = new Set<string>()
    for (const { contract, bindings } of implementations) {
      const name = `${contract.name}@${contract.version}`
      if (names.has(name)) throw new ServerError('DUPLICATE_CONTRACT', name)
      names.add(name)
      for (const event of contract.eventEntries.values()) this.#events.set(event.wireName, event)
      for (const entry of contract.procedureEntries.values()) {
        const binding = bindings.get(entry.path)
        if (binding !== undefined) this.#routes.set(entry.wireName, { entry, binding })
      }
    }
    this.announcements = implementations.map(({ contract }) => contract.announcement)
  }

  /** @throws RpcError UNIMPLEMENTED, FAILED_PRECONDITION: the text says what the two sides disagree on. */
  find(call: IncomingCall): Route {
    const route = this.#routes.get(call.procedure)
    if (route === undefined) throw this.#unknown(call.procedure)
    const { entry } = route
    if (this.#strict && call.fingerprint !== undefined && call.fingerprint !== entry.fingerprint) {
      throw incompatible(entry, call.fingerprint)
    }
    if (call.kind !== entry.callKind) {
      const here = entry.callKind === 'unary' ? 'answers once' : 'answers with a stream of items'
      throw new RpcError(
        'UNIMPLEMENTED',
        `${entry.fullName} ${here} on this server, and was called otherwise.`,
      )
    }
    return route
  }

  /** The event of this name on the wire. */
  event(wireName: string): ContractEvent | undefined {
    return this.#events.get(wireName)
  }

  /** Whether clients subscribe to an event of any contract. */
  get hasClientEvents(): boolean {
    return [...this.#events.values()].some(({ subscribe }) => subscribe === 'clients')
  }

  /** @throws ServerError `UNKNOWN_EVENT` */
  checkEvent(event: ContractEvent): void {
    if (this.#events.get(event.wireName) !== event) throw new ServerError('UNKNOWN_EVENT', event.name)
  }

  #unknown(name: string): RpcError {
    const near = nearestName(name, this.#routes.keys())
    const hint = this.#versionHint(name) ?? (near === undefined ? '' : ` Did you mean ${near}?`)
    return new RpcError('UNIMPLEMENTED', `This server has no procedure ${quoted(name)}.${hint}`)
  }

  /** Which versions of the contract there are, when the one that was called is not among them. */
  #versionHint(name: string): string | undefined {
    const [, contract, version] = /^([^@/]+)@(\d+)\//.exec(name) ?? []
    const versions = this.announcements
      .filter((served) => served.name === contract)
      .map((served) => served.version)
    if (versions.length === 0 || versions.includes(Number(version))) return undefined
    return ` It serves ${contract} in version ${versions.join(', ')}: client and server have different versions of it.`
  }
}

/** A stranger chose the name: no control characters, and not longer than a line. */
function quoted(name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 79)}…` : name
  return JSON.stringify(shown.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD'))
}

function incompatible(entry: ProcedureEntry, theirs: string): RpcError {
  const parts = compareFingerprints(entry.fingerprint, theirs)
  return new RpcError(
    'FAILED_PRECONDITION',
    `${entry.fullName} is not the same on both sides, which differ in: ${parts.join(', ')}. ` +
      'Client and server were built from different versions of the contract: update the older one.',
    { data: { server: entry.fingerprint, client: theirs, differs: parts } },
  )
}
