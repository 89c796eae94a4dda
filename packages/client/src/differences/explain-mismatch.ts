import { issuesOf, type RpcError } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { ServerDifference } from '../server-difference.ts'
import { isSentByClient } from './place-parts.ts'
import { relatedDifferences } from './related-places.ts'
import type { ServerDifferences } from './server-differences.ts'

/**
 * The time that a failure waits for an explanation. The server gets the question before the first call, or directly
 * after it.
 */
const explainWaitMs = 500
/** The number of places that a text names. */
const shownMax = 8

/** Adds the differences between client and server to the text of a failure that they may explain. */
export class MismatchExplainer {
  readonly #current: () => ServerDifferences
  readonly #environment: SessionEnvironment

  /** @param current returns the differences of the current session */
  constructor(current: () => ServerDifferences, environment: SessionEnvironment) {
    this.#current = current
    this.#environment = environment
  }

  /**
   * Returns the same error, with a longer text if there is an explanation. No other code has the error yet, so it keeps
   * its stack and its properties. Returns a promise only if the server has not described its contract yet.
   *
   * @param deadlineAtMs the time when the call would fail anyway, on the clock of the session
   */
  explain(
    kind: 'procedure' | 'event',
    member: string,
    error: RpcError,
    deadlineAtMs?: number,
  ): RpcError | Promise<RpcError> {
    if (!mayBeMismatch(error)) return error
    const differences = this.#current()
    if (differences.state === 'asking')
      return this.#explainLater(differences, kind, member, error, deadlineAtMs)
    return explained(differences, kind, member, error)
  }

  async #explainLater(
    differences: ServerDifferences,
    kind: 'procedure' | 'event',
    member: string,
    error: RpcError,
    deadlineAtMs = Number.POSITIVE_INFINITY,
  ): Promise<RpcError> {
    const leftMs = Math.max(0, deadlineAtMs - this.#environment.nowMs())
    await differences.within(Math.min(explainWaitMs, leftMs), undefined)
    return explained(differences, kind, member, error)
  }
}

function explained(
  differences: ServerDifferences,
  kind: 'procedure' | 'event',
  member: string,
  error: RpcError,
): RpcError {
  const ofMember = differences.found.filter((one) => one.kind === kind && one.member === member)
  const found = relatedDifferences(ofMember, error)
  if (found.length === 0) return error
  // The stack is read before the text changes: engines write the text into it when the error is made, or when the stack
  // is first read.
  const { message, stack } = error
  const longer = `${message.replace(/\.$/, '')}; client and server have different versions of this ${kind}; ${textOf(found)}`
  error.message = longer
  if (stack !== undefined) error.stack = stack.replace(message, () => longer)
  return error
}

/** Whether data was invalid, or a name was unknown, on either side. */
function mayBeMismatch(error: RpcError): boolean {
  const { code, cause } = error
  if (code === 'INVALID_ARGUMENT' || code === 'INTERNAL') return issuesOf(error) !== undefined
  if (code === 'UNIMPLEMENTED') return true
  // The contract of this side does not declare the code.
  return code === 'UNKNOWN' && cause !== undefined
}

/** Places that are not data. */
const inWords: ReadonlyMap<string, string> = new Map([
  ['kind', 'the kind of call'],
  ['subscribe', 'who subscribes'],
])

/** Harmful differences come first. */
export function textOf(found: readonly ServerDifference[]): string {
  if (found.some(({ place }) => place === '')) return found.map(({ text }) => `it ${text}`).join('; ')
  const harmFirst = [...found].sort((one, other) => Number(isFine(one)) - Number(isFine(other)))
  const shown = harmFirst.slice(0, shownMax).map(({ place }) => inWords.get(place) ?? place)
  const more = found.length > shownMax ? ` and ${found.length - shownMax} more` : ''
  const lost = found.filter((one) => one.outcome === 'loses' && one.kind !== 'event' && isSentByClient(one))
  const unknown =
    lost.length === 0
      ? ''
      : `; the server does not know ${lost
          .slice(0, shownMax)
          .map(({ place }) => place)
          .join(', ')}`
  return `they differ in: ${shown.join(', ')}${more}${unknown}`
}

function isFine({ outcome }: ServerDifference): boolean {
  return outcome === 'works'
}
