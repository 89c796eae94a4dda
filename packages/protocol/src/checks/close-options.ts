import { describeValue } from './check-value.ts'
import { isDuration } from './milliseconds.ts'
import { unknownName } from './nearest-name.ts'
import { checking, readOnce } from './unreadable.ts'

/** What the close of a client, a server or one of its connections takes. */
export interface CloseOptions {
  readonly graceMs?: number | undefined
}

/**
 * The options of a close, each read once.
 *
 * @param refusal makes the error of the caller's package; nothing is closed when it is thrown
 */
export function checkedCloseOptions(
  options: CloseOptions,
  refusal: (problem: string, options?: { readonly cause?: unknown }) => Error,
): CloseOptions {
  const notClosed = (problem: string, cause?: { readonly cause: unknown }) =>
    refusal(`${problem}; nothing was closed`, cause)
  return checking(() => {
    const unknown = unknownName('options', options, ['graceMs'])
    if (unknown !== undefined) throw notClosed(unknown)
    const given = readOnce(options, ['graceMs'])
    const { graceMs } = given
    if (graceMs === undefined || isDuration(graceMs)) return given
    throw notClosed(`graceMs is ${describeValue(graceMs)}, not a number of milliseconds from 0 on`)
  }, notClosed)
}
