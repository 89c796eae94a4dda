/// <reference lib="esnext.disposable" />

/**
 * The name of the method that `using` calls. Browsers have it since 2025, and a context of node:vm, in which jest
 * runs its tests, lacks it in Node.js 20: there it is a symbol that nothing calls.
 */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')
/** The name of the method that `await using` calls. See {@link dispose}. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
