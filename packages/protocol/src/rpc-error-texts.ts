import { describeValue } from './checks/check-value.ts'
import { textOfThrown } from './checks/thrown.ts'
import { peerText } from './envelope/peer-text.ts'

/** The parts of the text of a failure. */
interface FailureParts {
  readonly code: string
  readonly message: string
  readonly procedure?: string | undefined
  readonly data?: unknown
  readonly maybeExecuted: boolean
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** A cause as JSON shows it. */
interface CauseJson {
  readonly name: string
  readonly message: string
  readonly code?: string | number
  /** The first errors of an AggregateError. */
  readonly errors?: readonly (CauseJson | string)[]
  readonly cause?: CauseJson | string
}

/** An RpcError as `JSON.stringify` shows it. Members that the error does not have are left out. */
export interface RpcErrorJson {
  readonly name: 'RpcError'
  readonly code: string
  readonly procedure?: string
  readonly message: string
  readonly data?: unknown
  readonly retryAfterMs?: number
  readonly maybeExecuted: boolean
  readonly cause?: CauseJson | string
}

/**
 * Causes that are shown of one failure, with the errors of aggregates. One that comes back to an error above it ends
 * there.
 */
const causesMax = 8

/** `GONE: tasks/take: the job is gone`. A text that names the procedure itself does not do it twice. */
export function titleOf({ code, procedure, message }: FailureParts): string {
  const parts: unknown[] = [code]
  if (procedure !== undefined && !message.includes(procedure)) parts.push(procedure)
  // A failure that a handler created without a text has its code as the text.
  if (message !== '' && message !== code) parts.push(message)
  return parts.map(String).join(': ')
}

/** @param message the message of the error, or its title */
export function rpcErrorJson(error: FailureParts, message: string): RpcErrorJson {
  const { code, procedure, data, retryAfterMs, maybeExecuted, cause } = error
  return {
    name: 'RpcError',
    code,
    ...(procedure === undefined ? {} : { procedure }),
    message,
    ...(data === undefined ? {} : { data: dataJson(data) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    maybeExecuted,
    ...(cause === undefined ? {} : { cause: causeJson(cause, new Set()) }),
  }
}

/** The data, unless JSON cannot carry them: a log must not lose a failure for its data. */
function dataJson(data: unknown): unknown {
  try {
    if (JSON.stringify(data) !== undefined) return data
  } catch {
    // A cycle, a bigint, or a getter that threw.
  }
  return `${describeValue(data)}, which JSON cannot carry`
}

/**
 * Converts a cause, which may be any thrown value and quote data of a peer: its texts are cleaned.
 *
 * @param shown the causes that are already included
 */
function causeJson(thrown: unknown, shown: Set<unknown>): CauseJson | string {
  const message = peerText(textOfThrown(thrown))
  shown.add(thrown)
  try {
    if (!looksLikeError(thrown)) return message
    const { name, cause, code, errors, stack } = thrown
    const isNew = (one: unknown) => one !== undefined && shown.size < causesMax && !shown.has(one)
    const all = Array.isArray(errors) ? errors.slice(0, causesMax) : []
    const parts = all.flatMap((one) => (isNew(one) ? [causeJson(one, shown)] : []))
    const json = {
      name: peerText(name),
      message: peerText(thrown.message),
      ...(typeof code === 'string' ? { code: peerText(code) } : typeof code === 'number' ? { code } : {}),
      ...(parts.length === 0 ? {} : { errors: parts }),
      ...(isNew(cause) ? { cause: causeJson(cause, shown) } : {}),
    }
    // vitest reads members, also those that are not enumerable, and shows where the cause came from. JSON has no
    // stacks.
    return typeof stack === 'string' ? Object.defineProperty(json, 'stack', { value: stack }) : json
  } catch {
    return message // A getter or a trap threw.
  }
}

interface ErrorParts {
  readonly name: string
  readonly message: string
  readonly stack?: unknown
  readonly code?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/** Recognises an error, or the object with its members that vitest creates before it reads the JSON. */
function looksLikeError(thrown: unknown): thrown is ErrorParts {
  if (typeof thrown !== 'object' || thrown === null) return false
  const { name, message } = thrown as { readonly name?: unknown; readonly message?: unknown }
  return typeof name === 'string' && typeof message === 'string'
}
