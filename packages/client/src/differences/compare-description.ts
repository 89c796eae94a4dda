import { type Contract, compareFingerprints } from '@frameport/protocol'
import {
  type ContractDescription,
  hasItems,
  kindOfFingerprint,
  kindTexts,
  type Outline,
  outlinesOf,
  type ProcedureEntry,
  type SubscriptionOrigin,
} from '@frameport/protocol/contract'
import { peerText } from '@frameport/protocol/envelope'
import type { ServerDifference } from '../server-difference.ts'
import { compareOutlines, type PlaceDifference } from './compare-outlines.ts'
import { partsSent } from './place-parts.ts'

/**
 * The number of differences that a client keeps. Only the frame length limits what a server sends, and nobody reads so
 * many.
 */
const differencesMax = 1_000
/** The maximum number of characters of a name or place of the server. */
const nameLengthMax = 200

/** Compares the server's contract with the client's; the client's own members come first. */
export function compareDescription(
  contract: Contract,
  theirs: ContractDescription,
): readonly ServerDifference[] {
  const found = [
    ...procedureDifferences('procedure', contract, theirs),
    ...procedureDifferences('clientProcedure', contract, theirs),
    ...eventDifferences(contract, theirs),
  ]
  if (found.length <= differencesMax) return found
  const text = `${found.length - differencesMax} more differences are not listed`
  return [
    ...found.slice(0, differencesMax),
    { kind: 'contract', member: '', place: '', outcome: 'unknown', text },
  ]
}

/**
 * Where the procedures of each side are in a contract, in outlines and in a description, and the result for missing
 * ones.
 */
const ofSides = {
  procedure: {
    record: 'procedures',
    entries: 'procedureEntries',
    unknownThere: whole('fails', 'is not known to the server'),
    unknownHere: whole('works', 'is not known to this client'),
  },
  clientProcedure: {
    record: 'clientProcedures',
    entries: 'clientProcedureEntries',
    unknownThere: whole('works', 'is not known to the server, which never calls it'),
    unknownHere: whole('fails', 'may be called by the server, and is not known to this client'),
  },
} as const

function* procedureDifferences(
  kind: keyof typeof ofSides,
  contract: Contract,
  theirs: ContractDescription,
): Iterable<ServerDifference> {
  const { record, entries, unknownThere, unknownHere } = ofSides[kind]
  const outlines = theirs.outlines?.[record] ?? {}
  for (const [path, entry] of contract[entries]) {
    const other = entryOf(theirs[record], path)
    if (other === entry.fingerprint) continue
    const own = outlinesOf(contract)[record][path] ?? {}
    const differences =
      other === undefined
        ? [unknownThere]
        : compareProcedure(entry, own, other, entryOf(outlines, path), partsSent[kind])
    yield* named(kind, path, differences)
  }
  for (const path of Object.keys(theirs[record]))
    if (!contract[entries].has(path)) yield* named(kind, path, [unknownHere])
}

function compareProcedure(
  { fingerprint, callKind }: ProcedureEntry,
  own: Outline,
  theirFingerprint: string,
  theirs: Outline | undefined,
  sent: readonly string[],
): readonly PlaceDifference[] {
  const parts = compareFingerprints(fingerprint, theirFingerprint)
  // A fingerprint of another form, whose kind is unknown, differs in all parts.
  const theirKind = kindOfFingerprint(theirFingerprint)
  if (theirKind !== undefined && theirKind !== callKind) {
    const text = `${kindTexts[theirKind]} on the server, and ${kindTexts[callKind]} for this client`
    return [{ place: 'kind', outcome: 'fails', text }]
  }
  const found = theirs === undefined ? [] : compareOutlines(own, theirs, sent)
  if (found.length > 0) return found
  const answer = hasItems(callKind) ? 'items' : 'output'
  const inData = parts.filter((part) => part !== 'kind')
  // The server has a kind of call that this client does not know.
  if (inData.length === 0) return [ofPart('kind')]
  return inData.map((part) => ofPart(part === 'answer' ? answer : part))
}

function* eventDifferences(contract: Contract, theirs: ContractDescription): Iterable<ServerDifference> {
  const outlines = theirs.outlines?.events ?? {}
  for (const [name, { subscribe }] of contract.eventEntries) {
    const other = entryOf(theirs.events, name)
    const fingerprint = contract.announcement.eventFingerprints[name]
    if (other === fingerprint) continue
    if (other === undefined) {
      const missing =
        subscribe === 'clients'
          ? whole('fails', 'is not known to the server, which refuses a subscription')
          : whole('loses', 'is not known to the server, and never arrives')
      yield* named('event', name, [missing])
      continue
    }
    const theirOutline = entryOf(outlines, name)
    const places =
      theirOutline === undefined ? [] : compareOutlines(outlinesOf(contract).events[name] ?? {}, theirOutline)
    const data = places.length > 0 ? places : eventParts(fingerprint ?? '', other)
    const found = [...compareSubscribe(subscribe, other), ...data]
    yield* named('event', name, found.length > 0 ? found : ['payload', 'topic'].map(ofPart))
  }
  for (const name of Object.keys(theirs.events)) {
    if (contract.eventEntries.has(name)) continue
    yield* named('event', name, [whole('works', 'is not known to this client')])
  }
}

/** Without outlines: the fingerprint of an event has one hash of its payload and one of its topic. */
function eventParts(own: string, theirs: string): readonly PlaceDifference[] {
  const [mine, other] = [own.split('-'), theirs.split('-')]
  return ['payload', 'topic'].filter((_, index) => mine[index] !== other[index]).map(ofPart)
}

/**
 * The fingerprint ends with the origin of subscriptions, after the two hashes. A fingerprint of another form does not
 * contain it.
 */
function compareSubscribe(own: SubscriptionOrigin, theirs: string): readonly PlaceDifference[] {
  const known = /^[0-9a-f]{8}-[0-9a-f]{8}(-clients)?$/.exec(theirs)
  if (known === null || (known[1] !== undefined) === (own === 'clients')) return []
  return [
    own === 'clients'
      ? { place: 'subscribe', outcome: 'fails', text: 'is refused by the server, where handlers subscribe' }
      : {
          place: 'subscribe',
          outcome: 'loses',
          text: 'is left to clients on the server, but this client does not subscribe',
        },
  ]
}

function ofPart(place: string): PlaceDifference {
  return { place, outcome: 'unknown', text: 'is not the same on both sides' }
}

function whole(outcome: ServerDifference['outcome'], text: string): PlaceDifference {
  return { place: '', outcome, text }
}

function named(
  kind: ServerDifference['kind'],
  member: string,
  differences: readonly PlaceDifference[],
): readonly ServerDifference[] {
  return differences.map(({ place, outcome, text }) =>
    Object.freeze({
      kind,
      member: peerText(member, nameLengthMax),
      place: peerText(place, nameLengthMax),
      outcome,
      text,
    }),
  )
}

/** The server made the record: it may lack names that every object inherits, or have them. */
function entryOf<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
