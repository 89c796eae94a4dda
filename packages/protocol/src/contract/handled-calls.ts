/** A call whose handler is running, as seen by the calls which that handler makes. */
export interface HandledCall {
  /** The full name of the procedure: `chat/join`. */
  readonly procedure: string
  /** The milliseconds until its caller gives up; 0 or less when that time has passed. */
  leftMs(): number
}

/** Finds the call whose handler is running. An `AsyncLocalStorage` of Node.js implements it. */
export interface HandledCalls {
  /** Returns the call whose handler is running; undefined outside of handlers, and for a call without a deadline. */
  getStore(): HandledCall | undefined
  /**
   * Runs `handle` as a part of the handler of `call`.
   *
   * @returns what `handle` returns
   */
  run<Result>(call: HandledCall, handle: () => Result): Result
}

/** The same name for all copies of this package, because the client and the server of a process may use two copies. */
const place = Symbol.for('frameport.handled-calls')

/**
 * Returns the storage of this process; undefined if no client of the process has asked for one. It adds a cost to every
 * promise of the process, so a server without clients has none.
 */
export function handledCalls(): HandledCalls | undefined {
  return (globalThis as { [place]?: HandledCalls })[place]
}

/** Returns the storage of this process. It is made when the first client asks for it. */
export function provideHandledCalls(make: () => HandledCalls): HandledCalls {
  const global = globalThis as { [place]?: HandledCalls }
  global[place] ??= make()
  return global[place]
}
