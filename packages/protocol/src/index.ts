export { type ProtocolErrorCode, protocolErrorCodes } from './error-codes.ts'
export { ProtocolError } from './protocol-error.ts'
export { RpcError, type RpcErrorOptions, type StandardRpcCode } from './rpc-error.ts'
export type * from './session/session-types.ts'
