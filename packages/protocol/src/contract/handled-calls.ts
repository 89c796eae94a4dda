/** A call whose handler runs, as the calls see it which that handler makes. */
export interface HandledCall {
  /** `chat/join`. */
  readonly procedure: string
  /** What is left until its caller gives up, in milliseconds; 0 or less when that has passed. */
  leftMs(): number
}

/** Knows in whose handler a program is: an `AsyncLocalStorage` of Node.js. */
export interface HandledCalls {
  getStore(): HandledCall | undefined
  run<Result>(call: HandledCall, handle: () => Result): Result
}

/** Under one name for all copies of this package: the client and the server of a process need not have the same. */
const place = Symbol.for('frameport.handled-calls')

/**
 * What knows in whose handler a program is; undefined while no client of this process asks. It costs every promise
 * of the process something, so that a server without clients does without.
 */
export function handledCalls(): HandledCalls | undefined {
  return (globalThis as { [place]?: HandledCalls })[place]
}

/** That of this process, made when the first client asks. */
export function provideHandledCalls(make: () => HandledCalls): HandledCalls {
  const global = globalThis as { [place]?: HandledCalls }
  global[place] ??= make()
  return global[place]
}
