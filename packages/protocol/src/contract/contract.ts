import { isPlainObject } from '../checks/is-plain-object.ts'
import type { ContractAnnouncement } from '../envelope/contract-announcement.ts'
import { announceContract } from './announce-contract.ts'
import { bindEvents } from './bind-events.ts'
import { type BoundProcedures, bindProcedures, noProcedures, type ProcedureEntry } from './bind-procedures.ts'
import { checkedDefinition, type Members } from './check-definition.ts'
import type { ContractEvent, ContractEvents, EventGroup } from './event.ts'
import type { JsonSchemaConverter } from './json-schema.ts'
import { checkContractName, invalidContract } from './names.ts'
import type { ProcedureGroup } from './procedure.ts'

/** What both sides share. Made by {@link contract}; immutable. */
export interface Contract<
  Name extends string = string,
  Procedures extends ProcedureGroup = ProcedureGroup,
  Events extends EventGroup = EventGroup,
  ClientProcedures extends ProcedureGroup = ProcedureGroup,
> {
  readonly kind: 'contract'
  readonly name: Name
  readonly version: number
  readonly procedures: Procedures
  /** Hand these to `publish`, `subscribe` and `emit`. */
  readonly events: ContractEvents<Events>
  /** What the server may call at its clients. */
  readonly clientProcedures: ClientProcedures
  /** Every procedure of every group by its path (`files.put`). */
  readonly procedureEntries: ReadonlyMap<string, ProcedureEntry>
  /** The same of `clientProcedures`. */
  readonly clientProcedureEntries: ReadonlyMap<string, ProcedureEntry>
  /** Every event by its name without the contract (`line`). */
  readonly eventEntries: ReadonlyMap<string, ContractEvent>
  /** As it was given to {@link contract}: turns schemas into JSON Schema where their library does not. */
  readonly toJsonSchema: JsonSchemaConverter | undefined
  /** Name, version and hash, as announced in hello and welcome, and the fingerprints that `frameport/describe` gives. */
  readonly announcement: ContractAnnouncement
}

export interface ContractDefinition<
  Procedures extends ProcedureGroup = Record<never, never>,
  Events extends EventGroup = Record<never, never>,
  ClientProcedures extends ProcedureGroup = Record<never, never>,
> {
  /** A positive integer: raise it for changes that schemas cannot show. */
  readonly version: number
  /** Procedures, and groups of them, by name. Default: none, in a contract with events or with procedures of its clients. */
  readonly procedures?: Procedures | undefined
  /** What the server tells its clients, by name. Default: nothing. */
  readonly events?: Events
  /**
   * What the server calls at its clients: procedures, and groups of them, by name. The names are those of the clients alone:
   * a procedure of the server may have the same. Default: nothing.
   */
  readonly clientProcedures?: ClientProcedures
  /**
   * For libraries whose schemas do not give JSON Schema themselves (`~standard.jsonSchema`): turns one into
   * JSON Schema of its input, for fingerprints. `undefined` for one that it cannot turn. Both sides need the same.
   */
  readonly toJsonSchema?: JsonSchemaConverter
}

const contractMembers: Members<ContractDefinition<ProcedureGroup, EventGroup, ProcedureGroup>> = {
  version: undefined,
  procedures: undefined,
  events: 'record',
  clientProcedures: 'object',
  toJsonSchema: 'function',
}

/**
 * Declares what a client and a server share.
 *
 * ```ts
 * export const chat = contract('chat', {
 *   version: 1,
 *   procedures: { join: procedure({ input: Join, output: Room }), files: { list: procedure({ items: File }) } },
 *   events: { line: event(Line, { topic: z.object({ room: z.string() }) }) },
 * })
 * ```
 *
 * @throws ProtocolError INVALID_CONTRACT: the text names the place and the rule that was broken.
 */
export function contract<
  const Name extends string,
  Procedures extends ProcedureGroup = Record<never, never>,
  Events extends EventGroup = Record<never, never>,
  ClientProcedures extends ProcedureGroup = Record<never, never>,
>(
  name: Name,
  definition: ContractDefinition<Procedures, Events, ClientProcedures>,
): Contract<Name, Procedures, Events, ClientProcedures>
export function contract(
  name: string,
  given: ContractDefinition<ProcedureGroup, EventGroup, ProcedureGroup>,
): Contract {
  checkContractName(name)
  const definition = checkedDefinition(`contract ${name}`, given, contractMembers)
  if (!Number.isSafeInteger(definition.version) || definition.version < 1) {
    throw invalidContract(`The version of contract ${name} is ${definition.version}: use a positive integer.`)
  }
  const { version, toJsonSchema } = definition
  const options = { contractVersion: version, toJsonSchema }
  const { procedures, entries: procedureEntries } = bound(name, definition.procedures, options)
  const ofClients = bound(name, definition.clientProcedures, { ...options, of: 'clients' })
  const events = bindEvents(name, version, definition.events ?? {})
  const eventEntries = new Map(Object.entries(events))
  if (procedureEntries.size + ofClients.entries.size + eventEntries.size === 0)
    throw invalidContract(`Contract ${name} has no procedures and no events: declare at least one.`)
  return Object.freeze({
    kind: 'contract',
    name,
    version,
    procedures,
    events,
    clientProcedures: ofClients.procedures,
    procedureEntries,
    clientProcedureEntries: ofClients.entries,
    eventEntries,
    toJsonSchema,
    announcement: announceContract(
      name,
      { procedures: procedureEntries, clientProcedures: ofClients.entries, events },
      options,
    ),
  })
}

/** A contract may have none of a kind; a group inside it is there for its procedures. */
function bound(
  name: string,
  group: ProcedureGroup | undefined,
  options: Parameters<typeof bindProcedures>[2],
): BoundProcedures {
  const hasNone = group === undefined || (isPlainObject(group) && Object.keys(group).length === 0)
  return hasNone ? noProcedures : bindProcedures(name, group, options)
}
