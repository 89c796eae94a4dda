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

/**
 * The shape that a client and a server share: procedures and events with their schemas. Made by {@link contract};
 * immutable.
 */
export interface Contract<
  Name extends string = string,
  Procedures extends ProcedureGroup = ProcedureGroup,
  Events extends EventGroup = EventGroup,
  ClientProcedures extends ProcedureGroup = ProcedureGroup,
> {
  readonly kind: 'contract'
  /** The name that was given to {@link contract}. */
  readonly name: Name
  /** The version of the definition: a positive integer. */
  readonly version: number
  /** The procedures, in the groups in which they were declared. */
  readonly procedures: Procedures
  /** The events, each with its full name. Pass these to `publish`, `subscribe` and `emit`. */
  readonly events: ContractEvents<Events>
  /** The procedures that the server may call at its clients. */
  readonly clientProcedures: ClientProcedures
  /** Every procedure of every group by its path (`files.put`). */
  readonly procedureEntries: ReadonlyMap<string, ProcedureEntry>
  /** Every procedure of `clientProcedures` by its path. */
  readonly clientProcedureEntries: ReadonlyMap<string, ProcedureEntry>
  /** Every event by its name without the contract (`line`). */
  readonly eventEntries: ReadonlyMap<string, ContractEvent>
  /** The converter that was given to {@link contract}. */
  readonly toJsonSchema: JsonSchemaConverter | undefined
  /**
   * The name, version and hash that the handshake announces, and the fingerprints that `frameport/describe` returns.
   */
  readonly announcement: ContractAnnouncement
}

/** The argument of {@link contract}. */
export interface ContractDefinition<
  Procedures extends ProcedureGroup = Record<never, never>,
  Events extends EventGroup = Record<never, never>,
  ClientProcedures extends ProcedureGroup = Record<never, never>,
> {
  /**
   * A positive integer. It is a part of the name of every procedure and event on the wire, so a client of version 1
   * never reaches the handlers of version 2. Raise it only for changes that break old clients; one server can serve
   * several versions.
   */
  readonly version: number
  /**
   * The procedures of the server, and groups of them, by name. Default: none, which is allowed if there are events or
   * `clientProcedures`.
   */
  readonly procedures?: Procedures | undefined
  /** The events that the server publishes, by name. Default: none. */
  readonly events?: Events
  /**
   * The procedures that the server calls at its clients, and groups of them, by name. They have names of their own: a
   * procedure of the server may have the same name. Default: none.
   */
  readonly clientProcedures?: ClientProcedures
  /**
   * Converts a schema to the JSON Schema of its input, for libraries whose schemas do not provide it
   * (`~standard.jsonSchema`); returns undefined for a schema that it cannot convert. Fingerprints use it, so both
   * sides need the same one. Default: the schemas provide it themselves.
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
 * Each name has at most 64 characters. A contract has at most 4096 procedures, in groups that are at most 8 levels
 * deep.
 *
 * @example
 * export const chat = contract('chat', {
 *   version: 1,
 *   procedures: {
 *     join: procedure({ input: Join, output: Room }),
 *     files: { list: procedure({ items: File }) },
 *   },
 *   events: { line: event(Line, { topic: z.object({ room: z.string() }) }) },
 * })
 * @throws ProtocolError INVALID_CONTRACT. The text names the place and the rule that was broken.
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

/** A contract may lack a kind of member; a nested group must contain procedures. */
function bound(
  name: string,
  group: ProcedureGroup | undefined,
  options: Parameters<typeof bindProcedures>[2],
): BoundProcedures {
  const hasNone = group === undefined || (isPlainObject(group) && Object.keys(group).length === 0)
  return hasNone ? noProcedures : bindProcedures(name, group, options)
}
