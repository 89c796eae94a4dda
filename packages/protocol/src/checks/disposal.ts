/// <reference lib="esnext.disposable" />

/**
 * The names of the methods that `using` and `await using` call. Browsers have them since 2025, and a context of node:vm, in
 * which jest runs its tests, has none in Node.js 20: there the methods have names that nobody asks for.
 */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
