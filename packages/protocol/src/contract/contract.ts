import { describeValue } from '../checks/check-value.ts'
import { isPlainObject } from '../checks/is-plain-object.ts'
import type { CallKind } from '../envelope/call-kind.ts'
import type { ContractAnnouncement } from '../envelope/envelope.ts'
import { envelopeLimits } from '../envelope/envelope-limits.ts'
import { checkedDefinition, type Members } from './check-definition.ts'
import { contractLimits } from './contract-limits.ts'
import type { ContractEvent, ContractEvents, EventDefinition, EventGroup, EventMark } from './event.ts'
import { fingerprintOf, type JsonSchemaConverter } from './fingerprint.ts'
import { checkContractName, checkErrorCode, checkMemberName, invalidContract } from './names.ts'
import type { Procedure, ProcedureGroup, ProcedureMark } from './procedure.ts'
import { isBytesSchema, isSchema } from './schema.ts'

/** One procedure of a contract at run time, under its path. */
export interface ProcedureEntry {
  /** Names joined by dots: `files.put`. */
  readonly path: string
  /** As it travels: `chat/files.put`. */
  readonly fullName: string
  readonly procedure: Procedure
  readonly callKind: CallKind
  /** Changes when what travels changes; see `fingerprintOf`. */
  readonly fingerprint: string
}

/** What both sides share. Made by {@link contract}; immutable. */
export interface Contract<
  Name extends string = string,
  Procedures extends ProcedureGroup = ProcedureGroup,
  Events extends EventGroup = EventGroup,
> {
  readonly kind: 'contract'
  readonly name: Name
  readonly version: number
  readonly procedures: Procedures
  /** Hand these to `publish`, `subscribe` and `emit`. */
  readonly events: ContractEvents<Events>
  /** Every procedure of every group by its path (`files.put`). */
  readonly procedureEntries: ReadonlyMap<string, ProcedureEntry>
  /** Every event by its name without the contract (`line`). */
  readonly eventEntries: ReadonlyMap<string, ContractEvent>
  /** Name, version and fingerprints, as announced in hello and welcome. */
  readonly announcement: ContractAnnouncement
}

export interface ContractDefinition<Procedures extends ProcedureGroup, Events extends EventGroup> {
  /** A positive integer: raise it for changes that schemas cannot show. */
  readonly version: number
  /** Procedures, and groups of them, by name. */
  readonly procedures: Procedures
  /** What the server tells its clients, by name. Default: nothing. */
  readonly events?: Events
  /**
   * For libraries whose schemas do not give JSON Schema themselves (`~standard.jsonSchema`): turns one into
   * JSON Schema of its input, for fingerprints. `undefined` for one that it cannot turn. Both sides need the same.
   */
  readonly toJsonSchema?: JsonSchemaConverter
}

const contractMembers: Members<ContractDefinition<ProcedureGroup, EventGroup>> = {
  version: undefined,
  procedures: undefined,
  events: 'object',
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
  Procedures extends ProcedureGroup,
  Events extends EventGroup = Record<never, never>,
>(name: Name, definition: ContractDefinition<Procedures, Events>): Contract<Name, Procedures, Events>
export function contract(name: string, given: ContractDefinition<ProcedureGroup, EventGroup>): Contract {
  checkContractName(name)
  const definition = checkedDefinition(`contract ${name}`, given, contractMembers)
  if (!Number.isSafeInteger(definition.version) || definition.version < 1) {
    throw invalidContract(
      `The version of contract ${name} is ${definition.version}: give a whole number from 1 on.`,
    )
  }
  const procedureEntries = new Map<string, ProcedureEntry>()
  const addProcedure = (path: string, procedure: Procedure) => {
    checkProcedure(procedure, `${name}/${path}`)
    const fingerprint = fingerprintOf(procedure, {
      contractVersion: definition.version,
      toJsonSchema: definition.toJsonSchema,
    })
    const callKind = procedure.items === undefined ? 'unary' : 'server-stream'
    if (utf8.encode(`${name}/${path}`).length > envelopeLimits.nameBytesMax) {
      throw invalidContract(
        `${name}/${path} has over ${envelopeLimits.nameBytesMax} bytes: shorten its names.`,
      )
    }
    procedureEntries.set(path, { path, fullName: `${name}/${path}`, procedure, callKind, fingerprint })
  }
  const procedures = copyGroup(definition.procedures, [], `contract ${name}`, addProcedure)
  if (procedureEntries.size > envelopeLimits.fingerprintsMax) {
    throw invalidContract(
      `Contract ${name} has ${procedureEntries.size} procedures, ${envelopeLimits.fingerprintsMax} are allowed: ` +
        'make several contracts of it, a server takes them all.',
    )
  }
  const events = bindEvents(name, definition.events ?? {})
  return Object.freeze({
    kind: 'contract',
    name,
    version: definition.version,
    procedures,
    events,
    procedureEntries,
    eventEntries: new Map(Object.entries(events)),
    announcement: Object.freeze({
      name,
      version: definition.version,
      fingerprints: Object.freeze(
        Object.fromEntries([...procedureEntries.values()].map((entry) => [entry.path, entry.fingerprint])),
      ),
    }),
  })
}

const utf8 = new TextEncoder()

/** A frozen copy, so that nobody's object changes and each contract has groups of its own. */
function copyGroup(
  group: ProcedureGroup,
  path: readonly string[],
  place: string,
  add: (path: string, procedure: Procedure) => void,
): ProcedureGroup {
  if (!isPlainObject(group)) {
    throw invalidContract(`${capitalised(place)} has to be an object of procedures and groups by name.`)
  }
  if (path.length > contractLimits.groupDepthMax) {
    throw invalidContract(
      `${capitalised(place)} is more than ${contractLimits.groupDepthMax} groups deep: flatten it.`,
    )
  }
  const names = Object.keys(group)
  if (names.length === 0) {
    throw invalidContract(`${capitalised(place)} has no procedures: give it one, or leave the group out.`)
  }
  const copy: Record<string, ProcedureMark | ProcedureGroup> = {}
  for (const name of names) {
    const member = group[name]!
    const memberPath = [...path, name]
    checkMemberName(name, isProcedure(member) ? 'procedure' : 'group', place)
    if (isProcedure(member)) {
      add(memberPath.join('.'), member)
      copy[name] = member
    } else {
      copy[name] = copyGroup(member as ProcedureGroup, memberPath, `group ${memberPath.join('.')}`, add)
    }
  }
  return Object.freeze(copy)
}

/**
 * That `value` was made by {@link contract}, before anything is done with it.
 *
 * @param taker who asks, for the text: `createClient`
 * @throws ProtocolError INVALID_CONTRACT
 */
export function checkContract(value: unknown, taker: string): void {
  const { kind, procedureEntries, eventEntries } = (value ?? {}) as Partial<Contract>
  if (kind === 'contract' && procedureEntries !== undefined && eventEntries !== undefined) return
  throw invalidContract(
    `${taker} needs a contract, not ${describeValue(value)}: make it with contract(name, { version, procedures }).`,
  )
}

export function isProcedure(value: unknown): value is Procedure {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'procedure'
}

function checkProcedure(procedure: Procedure, place: string): void {
  for (const part of ['input', 'output', 'items'] as const) {
    if (procedure[part] !== undefined && !isSchema(procedure[part])) {
      throw invalidContract(
        `The ${part} of ${place} is not a Standard Schema: give a schema of zod, valibot, …`,
      )
    }
  }
  if (procedure.output !== undefined && procedure.items !== undefined) {
    throw invalidContract(
      `${place} has both output and items: a stream ends without an answer. Take one of them.`,
    )
  }
  for (const [code, schema] of Object.entries(procedure.errors)) {
    checkErrorCode(code, place)
    if (!isSchema(schema)) {
      throw invalidContract(`The data of error ${code} of ${place} is not a Standard Schema.`)
    }
    if (isBytesSchema(schema)) {
      throw invalidContract(`The data of error ${code} of ${place} is bytes(): failures carry values only.`)
    }
  }
}

function bindEvents(contractName: string, events: EventGroup): Record<string, ContractEvent> {
  const bound: Record<string, ContractEvent> = {}
  for (const [name, definition] of Object.entries(events)) {
    checkMemberName(name, 'event', `contract ${contractName}`)
    const place = `${contractName}/${name}`
    if (!isEvent(definition)) {
      throw invalidContract(`${place} is not an event with a Standard Schema: write event(schema).`)
    }
    const { topic } = definition
    if (topic !== undefined && (!isSchema(topic) || isBytesSchema(topic))) {
      throw invalidContract(`The topic of event ${place} is not a Standard Schema of plain JSON.`)
    }
    bound[name] = Object.freeze({ kind: 'event', payload: definition.payload, topic, name: place })
  }
  return Object.freeze(bound)
}

function isEvent(value: EventMark): value is EventDefinition {
  return value?.kind === 'event' && isSchema((value as EventDefinition).payload)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
