/**
 * What goes forth and back in a call.
 *
 * - `unary`: an input, and one result
 * - `server-stream`: an input, and items of the callee
 * - `client-stream`: an input and items of the caller, and one result
 * - `both-ways`: an input and items of the caller, and items of the callee
 * - `one-way`: an input, and no answer
 */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'
