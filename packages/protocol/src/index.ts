export { RpcError, type RpcErrorOptions, type StandardRpcCode } from './rpc-error.ts'
export type * from './session/session-types.ts'
