export { hasBrand, textOfThrown } from './checks/brand.ts'
export {
  describeValue,
  missingMethods,
  shapes,
  type ValueKind,
  wrongKind,
  wrongMetadata,
} from './checks/check-value.ts'
export { type CloseOptions, checkedCloseOptions } from './checks/close-options.ts'
export { isPlainObject } from './checks/is-plain-object.ts'
export { isDuration, timerMsMax } from './checks/milliseconds.ts'
export { nearestName, unknownName } from './checks/nearest-name.ts'
export { checking, reading, readOnce } from './checks/unreadable.ts'
export * from './contract/index.ts'
export { type Body, decodeBody, encodeBody, jsonCodec } from './envelope/codec.ts'
export { decodeEnvelope } from './envelope/decode-envelope.ts'
export { type EncodedEnvelope, encodeEnvelope } from './envelope/encode-envelope.ts'
export type * from './envelope/envelope.ts'
export { envelopeLimits, type MetadataLimits } from './envelope/envelope-limits.ts'
export {
  type EnvelopeKind,
  envelopeKinds,
  ignorableKindMin,
  protocolVersionMax,
  protocolVersionMin,
} from './envelope/kinds.ts'
export { type ProtocolErrorCode, protocolErrorCodes } from './error-codes.ts'
export { ProtocolError } from './protocol-error.ts'
export { RpcError, type RpcErrorOptions, type StandardRpcCode } from './rpc-error.ts'
export { createSession } from './session/create-session.ts'
export { onLateFailure } from './session/late-failure.ts'
export {
  defaultSessionLimits,
  headerBytesReserved,
  resolveSessionLimits,
  type SessionLimits,
} from './session/session-limits.ts'
export type * from './session/session-types.ts'
