/**
 * The name of the method that `await using` calls. In a context of node:vm, in which jest runs its tests, Node.js 20 lacks the
 * symbol: there the method has a name that nothing looks up.
 */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
