export type { CallKind } from './call-kind.ts'
export {
  type Body,
  bodyOfValue,
  checkBody,
  decodeBody,
  encodeBody,
  jsonCodec,
  valueOfBody,
} from './codec.ts'
export type { AnnouncedContract, ContractAnnouncement, OwnContract } from './contract-announcement.ts'
export { decodeEnvelope } from './decode-envelope.ts'
export { type EncodedEnvelope, encodeEnvelope } from './encode-envelope.ts'
export type { Envelope, IgnorableEnvelope } from './envelope.ts'
export { envelopeLimits, type MetadataLimits } from './envelope-limits.ts'
export { type EnvelopeBody, type Extensions, metadataOverLimit } from './envelope-parts.ts'
export {
  type EnvelopeKind,
  envelopeKinds,
  ignorableKindBit,
  protocolVersionMax,
  protocolVersionMin,
} from './kinds.ts'
export type * from './link-envelopes.ts'
export { encodePosition, isSameLog } from './log-position.ts'
export { peerText } from './peer-text.ts'
export type * from './session-envelopes.ts'
export { type PeerSettings, settingRules } from './settings.ts'
