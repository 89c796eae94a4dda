import { callReporting } from '@frameport/framing/checks'
import type { Contract } from '@frameport/protocol'
import type { ServerDifference } from '../server-difference.ts'
import { isSentByClient } from './place-parts.ts'

/** The number of differences that a warning names. */
const shownMax = 5
/** The number of pairs of states that are remembered for the console; more than a process meets. */
const pairsMax = 256

/**
 * The pairs that this process has reported on the console, so that a program with a thousand clients reports each pair
 * once.
 */
const told = new Set<string>()

/**
 * Returns the receiver of differences: the user's hook for all of them, or the console for harmful ones, once in a
 * process for each pair of states.
 *
 * @param hookFailed called with the error that the hook throws or rejects with
 */
export function differenceReport(
  contract: Contract,
  remoteEndpoint: string,
  hook: ((differences: readonly ServerDifference[]) => unknown) | undefined,
  hookFailed: (error: unknown) => void,
): (differences: readonly ServerDifference[], theirHash: string) => void {
  if (hook !== undefined) return (differences) => callReporting(() => hook(differences), hookFailed)
  const { name, version, announcement } = contract
  return (differences, theirHash) => {
    const harmful = differences.filter(isHarmful)
    const pair = `${name}@${version} ${announcement.hash} ${theirHash}`
    if (harmful.length === 0 || told.has(pair) || told.size >= pairsMax) return
    told.add(pair)
    // biome-ignore lint/suspicious/noConsole: what a client sends would be dropped or refused, and no hook was given.
    console.warn(warning(name, remoteEndpoint, harmful))
  }
}

/**
 * Whether calls may fail, or this client loses data that it sends or waits for. An answer with unknown members is the
 * usual result of a deployment, and harmless.
 */
function isHarmful({ kind, outcome, place }: ServerDifference): boolean {
  if (outcome === 'fails' || outcome === 'unknown') return true
  return outcome === 'loses' && (place === '' || isSentByClient({ kind, place }))
}

const words: Readonly<Record<Exclude<ServerDifference['kind'], 'contract'>, string>> = {
  procedure: 'procedure',
  clientProcedure: 'procedure of clients',
  event: 'event',
}

function warning(name: string, remoteEndpoint: string, harmful: readonly ServerDifference[]): string {
  const shown = harmful.slice(0, shownMax).map(({ kind, member, place, text }) => {
    if (kind === 'contract') return `this client ${text}`
    return place === '' ? `${words[kind]} ${member} ${text}` : `${place} of ${member} ${text}`
  })
  const more = harmful.length > shownMax ? `; and ${harmful.length - shownMax} more` : ''
  return (
    `frameport: contract ${name} of the server at ${remoteEndpoint} differs from that of this client: ${shown.join('; ')}${more}. ` +
    'client.$connection.differences() lists all differences; onContractDifferences replaces this warning.'
  )
}
