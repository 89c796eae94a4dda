import { issuesOf, RpcError } from '@frameport/protocol'
import type { ServerDifference } from '../server-difference.ts'
import { partOf, partsSent } from './place-parts.ts'

/**
 * Returns the differences that may explain a failure: those of the same part. If the failure names invalid places, one
 * of the differences must concern one of them. A different output does not explain a refused input, and an added
 * optional member does not explain another member.
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
  // Data of the server is invalid. A code that only one side declares cannot cause that.
  if (part === 'errors') return outcome === 'unknown' || place.split('.').length > 2
  return ![...partsSent[kind], 'kind', 'subscribe'].includes(part)
}

/**
 * Whether one place contains the other, or both end with the same member, as in recursive schemas. If unsure, it
 * returns true.
 *
 * @param place of a difference: `output.rows.[].age`
 * @param path of an issue: `rows.0.age`
 */
function concerns(place: string, path: string): boolean {
  // Quoted names contain dots, and the name of an error is not a level of its data.
  if (place.includes('"')) return true
  const levels = place.split('.').slice(partOf(place) === 'errors' ? 2 : 1)
  const pathLevels = path === '' ? [] : path.split('.')
  const last = levels.at(-1)
  if (pathLevels.some((level) => level === last)) return true
  const both = Math.min(levels.length, pathLevels.length)
  return levels.slice(0, both).every((level, index) => level.startsWith('[') || level === pathLevels[index])
}
