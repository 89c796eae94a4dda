import { describeValue } from './check-value.ts'
import { isDuration } from './milliseconds.ts'
import { unknownName } from './nearest-name.ts'
import { checking, readOnce } from './unreadable.ts'

/** What the close of a client, a server or one of its connections takes. */
export interface CloseOptions {
  readonly graceMs?: number | undefined
}

/** What the close of a server takes. */
export interface ServerCloseOptions extends CloseOptions {
  readonly announceMs?: number | undefined
}

/**
 * The options of a close, each read once: milliseconds all of them.
 *
 * @param names those that there are
 * @param refusal makes the error of the caller's package; nothing is closed when it is thrown
 */
export function checkedCloseOptions<Options extends CloseOptions>(
  options: Options,
  refusal: (problem: string, options?: { readonly cause?: unknown }) => Error,
  names: readonly (keyof Options & string)[] = ['graceMs'],
): Options {
  const notClosed = (problem: string, cause?: { readonly cause: unknown }) =>
    refusal(`${problem}; nothing was closed`, cause)
  return checking(() => {
    const unknown = unknownName('options', options, names)
    if (unknown !== undefined) throw notClosed(unknown)
    const given = readOnce(options, names)
    for (const name of names) {
      const value: unknown = given[name]
      if (value === undefined || isDuration(value)) continue
      throw notClosed(`${name} is ${describeValue(value)}, not a number of milliseconds from 0 on`)
    }
    return given
  }, notClosed)
}
