import type { Contract, ContractEvent } from '@frameport/protocol'
import { describeValue } from '@frameport/protocol/checks'
import type { OwnContract } from '@frameport/protocol/envelope'
import { checkRoute, type Route } from '@frameport/protocol/serving'
import type { IncomingCall } from '@frameport/protocol/session'
import { ServerError } from '../server-error.ts'
import type { Implementation } from './implementer-types.ts'
import { type ProcedureNames, unknownEvent, unknownProcedure } from './unknown-procedure.ts'

export interface RouterOptions extends Pick<ProcedureNames, 'mayHint'> {
  readonly strict: boolean
}

/** Finds the handler of a call by its wire name, `chat@2/files.put`. */
export class Router {
  readonly contracts: readonly Contract[]
  readonly announcements: readonly OwnContract[]
  readonly #routes = new Map<string, Route>()
  readonly #events = new Map<string, ContractEvent>()
  readonly #strict: boolean
  readonly #known: ProcedureNames

  /** @throws ServerError `DUPLICATE_CONTRACT` */
  constructor(
    implementations: readonly Implementation<never, unknown>[],
    { strict, mayHint }: RouterOptions,
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
    this.contracts = implementations.map(({ contract }) => contract)
    this.announcements = this.contracts.map(({ announcement, clientProcedureEntries }) => ({
      ...announcement,
      isBothWays: clientProcedureEntries.size > 0,
    }))
    this.#known = { announcements: this.announcements, procedures: () => this.#routes.keys(), mayHint }
  }

  /** @throws RpcError UNIMPLEMENTED, FAILED_PRECONDITION: the text describes the difference between the two sides */
  find(call: IncomingCall): Route {
    const route = this.#routes.get(call.procedure)
    if (route === undefined) throw unknownProcedure(call.procedure, this.#known)
    checkRoute(route, call, 'server', this.#strict)
    return route
  }

  /**
   * Returns the event with this wire name.
   *
   * @throws RpcError UNIMPLEMENTED
   */
  event(wireName: string): ContractEvent {
    const event = this.#events.get(wireName)
    if (event === undefined) throw unknownEvent(wireName, this.#known)
    return event
  }

  /** Returns the event with this wire name, if there is one. */
  eventNamed(wireName: string): ContractEvent | undefined {
    return this.#events.get(wireName)
  }

  /** Whether clients subscribe to an event of any contract. */
  get hasClientEvents(): boolean {
    return [...this.#events.values()].some(({ subscribe }) => subscribe === 'clients')
  }

  /** @throws ServerError `UNKNOWN_CONTRACT` */
  checkContract(contract: Contract): void {
    if (this.contracts.includes(contract)) return
    const given: unknown = contract?.name
    throw new ServerError('UNKNOWN_CONTRACT', typeof given === 'string' ? given : describeValue(contract))
  }

  /** @throws ServerError `UNKNOWN_EVENT` */
  checkEvent(event: ContractEvent): void {
    if (event !== undefined && this.#events.get(event?.wireName) === event) return
    const given: unknown = event?.name
    throw new ServerError('UNKNOWN_EVENT', typeof given === 'string' ? given : describeValue(event))
  }
}
