import { issuesOf, RpcError } from '@frameport/protocol'
import type { ServerDifference } from '../server-difference.ts'
import { partOf, partsSent } from './place-parts.ts'

/**
 * Those differences that may be the reason of a failure: of the part that it is about, and of these only when one concerns a place that did not
 * fit. An output that differs explains no input that was refused, and an optional member that was added explains no other member.
 */
export function relatedDifferences(
  found: readonly ServerDifference[],
  error: RpcError,
): readonly ServerDifference[] {
  const ofPart = found.filter((one) => one.place === '' || isOfPart(one, error))
  const issues = issuesOf(error)
  if (issues === undefined) return ofPart
  return ofPart.some(({ place }) => issues.some(({ path }) => concerns(place, path))) ? ofPart : []
}

function isOfPart({ kind, place, outcome }: ServerDifference, { code, cause }: RpcError): boolean {
  const part = partOf(place)
  if (code === 'UNIMPLEMENTED') return part === 'kind' || part === 'subscribe'
  if (code === 'UNKNOWN') return RpcError.is(cause) && place === `errors.${cause.code}`
  if (code === 'INVALID_ARGUMENT') return partsSent[kind].includes(part)
  // What came from the server does not fit. A code that only one side declares is no reason for that.
  if (part === 'errors') return outcome === 'unknown' || place.split('.').length > 2
  return ![...partsSent[kind], 'kind', 'subscribe'].includes(part)
}

/**
 * Whether the one is above the other, or both end with the same member, as they do in schemas that repeat themselves. It says yes rather than no.
 *
 * @param place of a difference: `output.rows.[].age`
 * @param path of an issue: `rows.0.age`
 */
function concerns(place: string, path: string): boolean {
  // Names with quotes have dots of their own, and the name of an error is no level of its data.
  if (place.includes('"')) return true
  const levels = place.split('.').slice(partOf(place) === 'errors' ? 2 : 1)
  const pathLevels = path === '' ? [] : path.split('.')
  const last = levels.at(-1)
  if (pathLevels.some((level) => level === last)) return true
  const both = Math.min(levels.length, pathLevels.length)
  return levels.slice(0, both).every((level, index) => level.startsWith('[') || level === pathLevels[index])
}
