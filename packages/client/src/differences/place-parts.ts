import type { ServerDifference } from '../server-difference.ts'

/** The parts that the caller of a procedure sends to the callee. */
export const partsOfCallers: readonly string[] = ['input', 'upload']
/** The parts that the callee sends to the caller. */
export const partsOfCallees: readonly string[] = ['output', 'items', 'errors']

/** The parts that a client sends and the server may refuse. */
export const partsSent: Readonly<Record<ServerDifference['kind'], readonly string[]>> = {
  contract: [],
  procedure: partsOfCallers,
  clientProcedure: partsOfCallees,
  event: ['topic'],
}

/** The first level of a place: `input` of `input.nick`. */
export function partOf(place: string): string {
  return place.split('.', 1)[0] as string
}

/** The name of an event without its contract. The name of a contract never contains a slash. */
export function eventNameOf(fullName: string): string {
  return fullName.slice(fullName.indexOf('/') + 1)
}

export function isSentByClient({ kind, place }: Pick<ServerDifference, 'kind' | 'place'>): boolean {
  return partsSent[kind].includes(partOf(place))
}
