export { addressScheme, transportFor } from './address-scheme.ts'
export { hasBrand, textOfThrown } from './brand.ts'
export {
  describeValue,
  missingMethods,
  shapes,
  type ValueKind,
  wrongKind,
  wrongMetadata,
} from './check-value.ts'
export { type CloseOptions, checkedCloseOptions } from './close-options.ts'
export { decodeBody, encodeBody, jsonCodec } from './codec.ts'
export * from './contract/index.ts'
export { decodeEnvelope } from './envelope/decode-envelope.ts'
export { type EncodedEnvelope, encodeEnvelope } from './envelope/encode-envelope.ts'
export type * from './envelope/envelope.ts'
export {
  type EnvelopeKind,
  envelopeKinds,
  ignorableKindMin,
  protocolVersionMax,
  protocolVersionMin,
} from './envelope/kinds.ts'
export { type ProtocolErrorCode, protocolErrorCodes } from './error-codes.ts'
export {
  defaultSessionLimits,
  envelopeLimits,
  headerBytesReserved,
  type MetadataLimits,
  resolveSessionLimits,
} from './limits.ts'
export { isDuration, timerMsMax } from './milliseconds.ts'
export { nearestName, unknownName } from './nearest-name.ts'
export { ProtocolError } from './protocol-error.ts'
export { RpcError, type RpcErrorOptions, type StandardRpcCode } from './rpc-error.ts'
export { createSession } from './session/create-session.ts'
export { onLateFailure } from './session/late-failure.ts'
export type * from './session/session-types.ts'
export { checking, reading, readOnce } from './unreadable.ts'
