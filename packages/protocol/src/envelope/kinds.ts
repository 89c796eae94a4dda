/** The protocol version this package speaks, lowest and highest. */
export const protocolVersionMin = 1
export const protocolVersionMax = 1

/** First field of a hello: tells a Frameport peer from whatever else connects to the port. "FRPT". */
export const helloMagic: readonly number[] = [0x46, 0x52, 0x50, 0x54]

/** Kind byte of every envelope of version 1. From 0x80 on, a peer that does not know a kind ignores the frame. */
export const envelopeKinds = {
  hello: 0x01,
  welcome: 0x02,
  call: 0x03,
  result: 0x04,
  failure: 0x05,
  item: 0x06,
  end: 0x07,
  credit: 0x08,
  cancel: 0x09,
  event: 0x0a,
  subscribe: 0x0b,
  unsubscribe: 0x0c,
  ping: 0x0d,
  pong: 0x0e,
  goaway: 0x0f,
} as const

export type EnvelopeKind = keyof typeof envelopeKinds

/** Kinds about the connection itself, apart from calls and events. */
export function isConnectionKind(code: number | undefined): boolean {
  return (
    code === envelopeKinds.hello ||
    code === envelopeKinds.welcome ||
    code === envelopeKinds.ping ||
    code === envelopeKinds.pong ||
    code === envelopeKinds.goaway
  )
}

export const ignorableKindMin = 0x80

/** Bits of the flags byte. Bits 0 to 2 mean the same in every kind that allows them; the rest are the kind's. */
export const flags = {
  /** Bits 0 and 1: 0 no body, 1 the negotiated codec, 2 raw bytes; 3 is reserved. */
  bodyMask: 0b0000_0011,
  metadata: 0b0000_0100,
  /** Bit 3, by kind. */
  callDeadline: 0b0000_1000,
  helloResume: 0b0000_1000,
  welcomeResume: 0b0000_1000,
  failureMaybeExecuted: 0b0000_1000,
  eventPosition: 0b0000_1000,
  subscribeAfter: 0b0000_1000,
  /** Bit 4, by kind. */
  callStream: 0b0001_0000,
  welcomeResumed: 0b0001_0000,
  /** Bit 5. */
  callUpload: 0b0010_0000,
} as const

interface KindRules {
  /** Flags a sender may set besides the body's. */
  readonly flags: number
  readonly body: boolean
  /** `zero`: about the connection. `call`: about a call, never zero. `any`: both. */
  readonly callId: 'zero' | 'call' | 'any'
}

/** What is allowed where; everything else is a malformed envelope. */
export const kindRules: Readonly<Record<EnvelopeKind, KindRules>> = {
  hello: { flags: flags.metadata | flags.helloResume, body: true, callId: 'zero' },
  welcome: {
    flags: flags.metadata | flags.welcomeResume | flags.welcomeResumed,
    body: false,
    callId: 'zero',
  },
  call: {
    flags: flags.metadata | flags.callDeadline | flags.callStream | flags.callUpload,
    body: true,
    callId: 'call',
  },
  result: { flags: flags.metadata, body: true, callId: 'call' },
  failure: { flags: flags.metadata | flags.failureMaybeExecuted, body: true, callId: 'any' },
  item: { flags: 0, body: true, callId: 'call' },
  end: { flags: flags.metadata, body: false, callId: 'call' },
  credit: { flags: 0, body: false, callId: 'call' },
  cancel: { flags: 0, body: false, callId: 'call' },
  event: { flags: flags.metadata | flags.eventPosition, body: true, callId: 'zero' },
  subscribe: { flags: flags.metadata | flags.subscribeAfter, body: false, callId: 'call' },
  unsubscribe: { flags: 0, body: false, callId: 'call' },
  ping: { flags: 0, body: false, callId: 'zero' },
  pong: { flags: 0, body: false, callId: 'zero' },
  goaway: { flags: flags.metadata, body: false, callId: 'zero' },
}

const namesByCode = new Map<number, EnvelopeKind>(
  Object.entries(envelopeKinds).map(([name, code]) => [code, name as EnvelopeKind]),
)

export function kindOfCode(code: number): EnvelopeKind | undefined {
  return namesByCode.get(code)
}
