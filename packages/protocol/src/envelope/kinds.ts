/** The lowest version of the protocol that this package speaks. */
export const protocolVersionMin = 1
/** The highest version of the protocol that this package speaks. */
export const protocolVersionMax = 1

/** The first field of a hello, "FRPT", which distinguishes a Frameport peer from any other client of the port. */
export const helloMagic: readonly number[] = [0x46, 0x52, 0x50, 0x54]

/** Kinds below it are about one call: a call id follows the flags. */
export const callKindEnd = 0x20
/** Set in kinds of the link; kinds of the session have it clear. */
const linkKindBit = 0x40
/** The bit of the kind byte that marks kinds which a receiver may ignore if it does not know them. */
export const ignorableKindBit = 0x80

/** The kind byte of every envelope of version 1. */
export const envelopeKinds = {
  call: 0x01,
  result: 0x02,
  failure: 0x03,
  item: 0x04,
  more: 0x05,
  end: 0x06,
  credit: 0x07,
  cancel: 0x08,
  started: 0x09,
  stop: 0x0a,
  subscribe: 0x0b,
  unsubscribe: 0x0c,
  event: 0x20,
  gap: 0x21,
  oneway: 0x22,
  skip: 0x23,
  hello: 0x40,
  welcome: 0x41,
  refused: 0x42,
  challenge: 0x43,
  credentials: 0x44,
  verdict: 0x45,
  ping: 0x46,
  pong: 0x47,
  ack: 0x48,
  goaway: 0x49,
} as const

/** The name of a kind of envelope: a key of {@link envelopeKinds}. */
export type EnvelopeKind = keyof typeof envelopeKinds

/** A kind with its article, for texts about one envelope: `an item`, `a oneway`. */
export function withArticle(kind: string): string {
  return `${/^[aeiu]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** The roles of a side in a contract; the value on the wire is the sum of one or both. */
export const contractRoles = { serves: 1, calls: 2 } as const
export const contractRolesMax = contractRoles.serves + contractRoles.calls

/** Whether an envelope belongs to the link: it is about the connection, and is never counted. */
export function isLinkKind(code: number | undefined): boolean {
  return code !== undefined && (code & linkKindBit) !== 0
}

/** Kinds that are never assigned: a side sends one sometimes, so that no peer depends on their absence (RFC 8701). */
export const greaseKinds = {
  session: [0x8a, 0x9a, 0xaa, 0xba],
  link: [0xca, 0xda, 0xea, 0xfa],
} as const

/** Bits of the flags byte. Bits 0 to 3 and 7 mean the same in every kind that allows them; the rest are the kind's. */
export const flags = {
  /** Bits 0 and 1: 0 no body, 1 the negotiated codec, 2 raw bytes; 3 is reserved. */
  bodyMask: 0b0000_0011,
  metadata: 0b0000_0100,
  /** The body continues in `more` envelopes. */
  goesOn: 0b0000_1000,
  /** Bit 4, by kind. */
  deadline: 0b0001_0000,
  maybeExecuted: 0b0001_0000,
  position: 0b0001_0000,
  resume: 0b0001_0000,
  session: 0b0001_0000,
  refused: 0b0001_0000,
  received: 0b0001_0000,
  lastCall: 0b0001_0000,
  /** Bit 5, by kind. */
  itemsWanted: 0b0010_0000,
  resumed: 0b0010_0000,
  retryAfter: 0b0010_0000,
  /** Bit 6. */
  upload: 0b0100_0000,
  extensions: 0b1000_0000,
} as const

const { bodyMask: body, metadata, goesOn } = flags

/** The flags that a sender may set, by kind, besides extensions, which every kind allows. */
const flagsOfKinds: Readonly<Record<EnvelopeKind, number>> = {
  call: body | metadata | goesOn | flags.deadline | flags.itemsWanted | flags.upload,
  result: body | metadata | goesOn,
  failure: body | metadata | flags.maybeExecuted | flags.retryAfter,
  item: body | goesOn,
  more: body | goesOn,
  end: metadata,
  credit: 0,
  cancel: 0,
  started: metadata,
  stop: 0,
  subscribe: metadata | flags.position,
  unsubscribe: 0,
  event: body | metadata | flags.position,
  gap: flags.position,
  oneway: body | metadata | flags.deadline,
  skip: 0,
  hello: body | metadata | flags.resume,
  welcome: metadata | flags.session | flags.resumed,
  refused: body | metadata | flags.retryAfter,
  challenge: body | metadata,
  credentials: body | metadata,
  verdict: flags.refused,
  ping: flags.received,
  pong: flags.received,
  ack: 0,
  goaway: metadata | flags.lastCall | flags.retryAfter,
}

export interface KindRule {
  readonly kind: EnvelopeKind
  /** Every flag that may be set. */
  readonly flags: number
  readonly hasCallId: boolean
}

/** By kind code; undefined where no kind is assigned. An array, because it is looked up for every envelope. */
const rulesByCode: (KindRule | undefined)[] = new Array(ignorableKindBit).fill(undefined)
for (const [kind, code] of Object.entries(envelopeKinds) as [EnvelopeKind, number][]) {
  rulesByCode[code] = {
    kind,
    flags: flagsOfKinds[kind] | flags.extensions,
    hasCallId: code < callKindEnd,
  }
}

/** @param code below {@link ignorableKindBit} */
export function ruleOfCode(code: number): KindRule | undefined {
  return rulesByCode[code]
}
