import { describeValue } from './check-value.ts'
import { isDuration } from './milliseconds.ts'
import { unknownName } from './nearest-name.ts'
import { checking, readOnce } from './unreadable.ts'

/** Options of the `close` of a client, a server or one of its connections. */
export interface CloseOptions {
  /** Milliseconds that open calls may take, from 0 on. `Infinity` waits as long as they take. */
  readonly graceMs?: number | undefined
}

/** Options of the `close` of a server. */
export interface ServerCloseOptions extends CloseOptions {
  /**
   * Milliseconds for which the server still accepts calls after it has asked its clients to go elsewhere, from 0 on.
   */
  readonly announceMs?: number | undefined
}

/**
 * Checks the options of a close, and reads each once.
 *
 * @param names the options that exist. Default: `graceMs`
 * @param refusal makes the error of the caller's package. Nothing is closed when it is thrown
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
