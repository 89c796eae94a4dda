export type { CallKind } from './call-kind.ts'
export { type Body, decodeBody, encodeBody, jsonCodec } from './codec.ts'
export { decodeEnvelope } from './decode-envelope.ts'
export { type EncodedEnvelope, encodeEnvelope } from './encode-envelope.ts'
export type {
  AnnouncedLimits,
  CallEnvelope,
  CancelEnvelope,
  ContractAnnouncement,
  CreditEnvelope,
  EndEnvelope,
  Envelope,
  EnvelopeBody,
  EventEnvelope,
  FailureEnvelope,
  GoawayEnvelope,
  HelloEnvelope,
  IgnorableEnvelope,
  ItemEnvelope,
  PingEnvelope,
  ResultEnvelope,
  SubscribeEnvelope,
  UnsubscribeEnvelope,
  WelcomeEnvelope,
} from './envelope.ts'
export { envelopeLimits, type MetadataLimits } from './envelope-limits.ts'
export {
  type EnvelopeKind,
  envelopeKinds,
  ignorableKindMin,
  protocolVersionMax,
  protocolVersionMin,
} from './kinds.ts'
