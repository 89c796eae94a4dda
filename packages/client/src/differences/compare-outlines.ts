import type { Outline } from '@frameport/protocol/contract'
import type { ServerDifference } from '../server-difference.ts'
import { partOf, partsOfCallers } from './place-parts.ts'

export type PlaceDifference = Pick<ServerDifference, 'place' | 'outcome' | 'text'>

interface Place {
  readonly hash: string
  readonly isOptional: boolean
  /** That side refuses members that are not listed. */
  readonly isStrict: boolean
  /** Its hash covers all places below it. */
  readonly isWhole: boolean
}

/**
 * Compares two outlines of one procedure or event. Places below a place are not reported if only one side has that
 * place, if it differs anyway, or if one side lists nothing below it.
 *
 * @param own of this client
 * @param theirs of the server, with only its types checked
 * @param sent the parts that this client sends
 */
export function compareOutlines(
  own: Outline,
  theirs: Outline,
  sent: readonly string[] = partsOfCallers,
): PlaceDifference[] {
  const [ours, others] = [placesOf(own), placesOf(theirs)]
  const found: PlaceDifference[] = []
  const differing = new Set<string>()
  /** Places below these are not compared. */
  const closed = new Set<string>()
  for (const place of new Set([...ours.keys(), ...others.keys()])) {
    const above = placeAbove(place)
    const [mine, other] = [ours.get(place), others.get(place)]
    if (closed.has(above)) closed.add(place)
    else if (mine === undefined || other === undefined) {
      closed.add(place)
      if (!differing.has(above)) {
        const lacking = mine === undefined ? ours : others
        const isRefused = lacking.get(above)?.isStrict === true
        // If the other side accepts members of any name, it accepts this one, too.
        const isFurther = lacking.has(`${above}.[]`) && !isTopic(place)
        const effect = isFurther
          ? further(mine === undefined ? 'this client' : 'the server')
          : ofOneSide(place, sent.includes(partOf(place)), mine, other, isRefused)
        found.push({ place, ...effect })
      }
    } else {
      if (mine.isWhole || other.isWhole) closed.add(place)
      const difference = ofBothSides(place, sent.includes(partOf(place)), mine, other)
      if (mine.hash !== other.hash) differing.add(place)
      if (difference !== undefined) found.push({ place, ...difference })
    }
  }
  return found
}

type Effect = Pick<ServerDifference, 'outcome' | 'text'>

function ofOneSide(
  place: string,
  isSentHere: boolean,
  mine: Place | undefined,
  other: Place | undefined,
  isRefused: boolean,
): Effect {
  if (isErrorCode(place)) {
    const lacking = mine === undefined ? 'this client' : 'the server'
    return (mine === undefined) === isSentHere
      ? { outcome: 'works', text: `is not declared by ${lacking}` }
      : { outcome: 'loses', text: `is not declared by ${lacking}, and arrives as UNKNOWN` }
  }
  if (isTopic(place))
    return { outcome: 'loses', text: 'is in only one of the two topics: events may be missed' }
  if (mine === undefined) {
    if (!isSentHere && isRefused)
      return { outcome: 'fails', text: 'is not known to this client, which refuses it' }
    if (!isSentHere) return { outcome: 'loses', text: 'is not known to this client, which drops it' }
    return other?.isOptional === true || isFurtherMembers(place)
      ? { outcome: 'works', text: 'is not known to this client' }
      : { outcome: 'fails', text: 'is required by the server, but not known to this client' }
  }
  if (isSentHere && isRefused)
    return { outcome: 'fails', text: 'is not known to the server, which refuses it' }
  if (isSentHere) return { outcome: 'loses', text: 'is not known to the server, which drops it' }
  return mine.isOptional || isFurtherMembers(place)
    ? { outcome: 'works', text: 'is not known to the server' }
    : { outcome: 'fails', text: 'is required by this client, but not known to the server' }
}

function further(who: string): Effect {
  return { outcome: 'unknown', text: `is not named by ${who}, which accepts members of any name there` }
}

/** Members of any name. None of them is required. */
function isFurtherMembers(place: string): boolean {
  return place.endsWith('.[]')
}

function ofBothSides(place: string, isSentHere: boolean, mine: Place, other: Place): Effect | undefined {
  if (mine.hash !== other.hash) {
    return isTopic(place)
      ? { outcome: 'loses', text: 'is a different topic on the server: events may be missed' }
      : { outcome: 'unknown', text: 'is not the same on both sides' }
  }
  if (mine.isOptional === other.isOptional) return undefined
  // A topic without the member is a different topic.
  if (isTopic(place))
    return { outcome: 'loses', text: 'is optional in only one of the two topics: events may be missed' }
  const sender = isSentHere ? mine : other
  if (!sender.isOptional) {
    return {
      outcome: 'works',
      text: `is optional for ${mine.isOptional ? 'this client' : 'the server'} only`,
    }
  }
  const who = isSentHere ? 'the server' : 'this client'
  return { outcome: 'fails', text: `is required by ${who} only` }
}

function isTopic(place: string): boolean {
  return partOf(place) === 'topic'
}

/** Whether the place is an error itself, not a member of its data. */
function isErrorCode(place: string): boolean {
  return placeAbove(place) === 'errors'
}

function placesOf(outline: Outline): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const [written, hash] of Object.entries(outline)) {
    const place = written.replace(/\??!?\*?$/, '')
    const marks = written.slice(place.length)
    places.set(place, {
      hash,
      isOptional: marks.includes('?'),
      isStrict: marks.includes('!'),
      isWhole: marks.includes('*'),
    })
  }
  return places
}

/** The last level. The dots of a quoted name are part of it. */
const lastLevel = /\.(?:"(?:[^"\\]|\\.)*"|[^."]*)$/

function placeAbove(place: string): string {
  return place.replace(lastLevel, '')
}
