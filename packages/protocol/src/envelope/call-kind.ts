/**
 * What is sent in a call besides its input.
 *
 * - `unary`: one result
 * - `server-stream`: items of the callee
 * - `client-stream`: items of the caller, and one result
 * - `both-ways`: items of the caller and of the callee
 * - `one-way`: no answer
 */
export type CallKind = 'unary' | 'server-stream' | 'client-stream' | 'both-ways' | 'one-way'
