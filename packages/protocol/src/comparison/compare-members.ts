import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { canonicalJson } from '../contract/canonical-json.ts'
import type { Contract } from '../contract/contract.ts'
import type { ContractEvent } from '../contract/event.ts'
import { jsonSchemaOf } from '../contract/json-schema.ts'
import { hasItems } from '../contract/kind-of-call.ts'
import { bodyKindOf, parseWith } from '../contract/parse-with.ts'
import type { ErrorSchemas } from '../contract/procedure.ts'
import type { Schema } from '../contract/schema.ts'
import { compareSchemas } from './compare-schemas.ts'
import type { Outcome } from './finding.ts'

/** A client of one state of a contract with a server of the other. */
export interface Sides {
  readonly client: Contract
  readonly server: Contract
}

/** The effect of one member of the contract on this pair. */
export interface MemberFinding {
  readonly member: string
  readonly place: string
  readonly outcome: Outcome
  readonly text: string
}

/** A schema with the contract whose converter describes it. */
interface Declared {
  readonly schema: Schema | undefined
  readonly contract: Contract
}

type Found = Omit<MemberFinding, 'member'>

export function compareProcedures(sides: Sides): readonly MemberFinding[] {
  const { client: caller, server: callee } = sides
  return compareCalls(caller.procedureEntries, callee.procedureEntries, sides)
}

/** Procedures that the server calls on the client: the sides change roles. */
export function compareClientProcedures({ client, server }: Sides): readonly MemberFinding[] {
  const found = compareCalls(server.clientProcedureEntries, client.clientProcedureEntries, {
    client: server,
    server: client,
  })
  return found.map((one) => ({ ...one, member: `clientProcedures.${one.member}` }))
}

type Entries = Contract['procedureEntries']

function compareCalls(own: Entries, theirs: Entries, sides: Sides): readonly MemberFinding[] {
  const found: MemberFinding[] = []
  for (const [member, called] of own) {
    const other = theirs.get(member)
    const findings =
      other === undefined ? [whole('fails', 'is not there')] : compareProcedure(called, other, sides)
    found.push(...findings.map((finding) => ({ member, ...finding })))
  }
  return found
}

function compareProcedure(own: ProcedureEntry, other: ProcedureEntry, sides: Sides): readonly Found[] {
  if (own.callKind !== other.callKind)
    return [whole('fails', `is called as ${own.callKind}, and answers as ${other.callKind}`)]
  const answer = hasItems(own.callKind) ? 'items' : 'output'
  return [
    ...compareBodies('input', client(own.procedure.input, sides), server(other.procedure.input, sides)),
    ...compareBodies('upload', client(own.procedure.upload, sides), server(other.procedure.upload, sides)),
    ...compareBodies(answer, server(other.procedure[answer], sides), client(own.procedure[answer], sides)),
    ...compareErrors(own.procedure.errors, other.procedure.errors, sides),
  ]
}

/** A code that the client does not declare arrives as UNKNOWN; one that the server does not declare never arrives. */
function compareErrors(own: ErrorSchemas, other: ErrorSchemas, sides: Sides): readonly Found[] {
  return Object.entries(other).flatMap(([code, schema]) => {
    const place = `errors.${code}`
    if (!Object.hasOwn(own, code))
      return [{ place, outcome: 'loses', text: 'is not declared there: it arrives as UNKNOWN' } as const]
    return compareBodies(place, server(schema, sides), client(own[code], sides))
  })
}

export function compareEvents(sides: Sides): readonly MemberFinding[] {
  const found: MemberFinding[] = []
  for (const [member, own] of sides.client.eventEntries) {
    const other = sides.server.eventEntries.get(member)
    const findings = other === undefined ? [missingEvent(own)] : compareEvent(own, other, sides)
    found.push(...findings.map((finding) => ({ member, ...finding })))
  }
  return found
}

function missingEvent({ subscribe }: ContractEvent): Found {
  if (subscribe === 'clients') return whole('fails', 'is not there, and a subscription is refused')
  return whole('loses', 'is not there, and never comes')
}

function compareEvent(own: ContractEvent, other: ContractEvent, sides: Sides): readonly Found[] {
  const topics = compareBodies('topic', client(own.topic, sides), server(other.topic, sides))
  return [
    ...compareSubscribe(own, other),
    ...topics,
    ...(topics.length === 0 ? compareTopics(client(own.topic, sides), server(other.topic, sides)) : []),
    ...compareBodies('payload', server(other.payload, sides), client(own.payload, sides)),
  ]
}

function compareSubscribe(own: ContractEvent, other: ContractEvent): readonly Found[] {
  if (own.subscribe === other.subscribe) return []
  if (own.subscribe === 'clients')
    return [whole('fails', 'is subscribed to by clients, and the server refuses that')]
  return [whole('loses', 'waits for clients to subscribe, and this one does not')]
}

/** Topics are compared as text: an additional member makes another topic, even if the member is a default. */
function compareTopics(own: Declared, other: Declared): readonly Found[] {
  const [one, two] = [jsonSchema(own), jsonSchema(other)]
  if (canonicalJson(one ?? null) === canonicalJson(two ?? null)) return []
  return [{ place: 'topic', outcome: 'loses', text: 'is another text there: events of it may not be heard' }]
}

function client(schema: Schema | undefined, { client: contract }: Sides): Declared {
  return { schema, contract }
}

function server(schema: Schema | undefined, { server: contract }: Sides): Declared {
  return { schema, contract }
}

const bodyTexts = { none: 'nothing', value: 'a value', raw: 'raw bytes' } as const

function compareBodies(place: string, sent: Declared, received: Declared): readonly Found[] {
  const [sentKind, receivedKind] = [bodyKindOf(sent.schema), bodyKindOf(received.schema)]
  if (sentKind === 'none' && receivedKind === 'value' && takesNothing(received.schema)) return []
  if (sentKind !== receivedKind)
    return [
      {
        place,
        outcome: 'fails',
        text: `is ${bodyTexts[sentKind]}, where ${bodyTexts[receivedKind]} is taken`,
      },
    ]
  if (sentKind !== 'value' || sent.schema === received.schema) return []
  const [one, other] = [jsonSchema(sent), jsonSchema(received)]
  if (one === undefined || other === undefined)
    return [{ place, outcome: 'unknown', text: 'has no JSON Schema: give the contract toJsonSchema' }]
  return compareSchemas(one, other).map(({ path, outcome, text }) => ({
    place: [place, ...path].join('.'),
    outcome,
    text,
  }))
}

function jsonSchema({ schema, contract }: Declared): unknown {
  return schema === undefined ? undefined : jsonSchemaOf(schema, contract.toJsonSchema)
}

/** Whether a missing value is accepted, for example an optional input. */
function takesNothing(schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  const parsed = parseWith(schema, undefined)
  return 'ok' in parsed && parsed.ok
}

function whole(outcome: Outcome, text: string): Found {
  return { place: '', outcome, text }
}
