/**
 * The name of the method that `await using` calls. A context of node:vm, in which jest runs its tests, has none in Node.js 20:
 * there the method has a name that nobody asks for.
 */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
