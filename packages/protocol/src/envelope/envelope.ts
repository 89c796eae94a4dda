/** Small string pairs that travel with hello, welcome and calls. */
export type Metadata = Readonly<Record<string, string>>

/** One contract as announced in hello and welcome. */
export interface ContractAnnouncement {
  readonly name: string
  readonly version: number
  /** Procedure path (`files.put`) to fingerprint. */
  readonly fingerprints: Readonly<Record<string, string>>
}

/** A body as it travels: nothing, bytes of the negotiated codec, or raw bytes. Zero bytes are not nothing. */
export interface EnvelopeBody {
  readonly encoding: 'none' | 'codec' | 'raw'
  /** From the decoder a view of the frame: copy what must outlive it. */
  readonly bytes: Uint8Array
}

/** What each side announces in hello and welcome: what it is willing to receive. Bytes and milliseconds. */
export interface AnnouncedLimits {
  readonly frameBytesMax: number
  readonly bodyBytesMax: number
  readonly callsInFlightMax: number
  readonly metadataEntriesMax: number
  readonly metadataBytesMax: number
  /** Silence after which the announcing side pings; 0 for never. */
  readonly heartbeatIntervalMs: number
  /** Silence after its ping which makes the announcing side close. */
  readonly heartbeatTimeoutMs: number
}

export interface HelloEnvelope {
  readonly kind: 'hello'
  readonly versionMin: number
  readonly versionMax: number
  /** In order of preference. */
  readonly codecs: readonly string[]
  readonly limits: AnnouncedLimits
  readonly contracts: readonly ContractAnnouncement[]
  readonly metadata: Metadata
  readonly resume?: { readonly token: Uint8Array; readonly eventSequence: number }
  /** Credentials, in JSON or raw: no codec is negotiated yet. */
  readonly body: EnvelopeBody
}

export interface WelcomeEnvelope {
  readonly kind: 'welcome'
  readonly version: number
  readonly codec: string
  readonly limits: AnnouncedLimits
  readonly contracts: readonly ContractAnnouncement[]
  readonly metadata: Metadata
  readonly resume?: {
    readonly token: Uint8Array
    readonly eventSequence: number
    /** The session of the token in the hello goes on. */
    readonly resumed: boolean
  }
}

export interface CallEnvelope {
  readonly kind: 'call'
  readonly callId: number
  readonly procedure: string
  /** What is left of the caller's budget, in milliseconds. */
  readonly deadlineMs?: number
  /** Present in a stream call: items the callee may send before the next credit. */
  readonly credit?: number
  /** The caller will send items and an end. */
  readonly upload: boolean
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface ResultEnvelope {
  readonly kind: 'result'
  readonly callId: number
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface FailureEnvelope {
  readonly kind: 'failure'
  /** 0 refuses the hello. */
  readonly callId: number
  readonly code: string
  readonly text: string
  readonly maybeExecuted: boolean
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface ItemEnvelope {
  readonly kind: 'item'
  readonly callId: number
  /** 0 for the first item of a direction of a call, then one more each. */
  readonly sequence: number
  readonly body: EnvelopeBody
}

export interface EndEnvelope {
  readonly kind: 'end'
  readonly callId: number
  readonly metadata: Metadata
}

export interface CreditEnvelope {
  readonly kind: 'credit'
  readonly callId: number
  readonly items: number
}

export interface CancelEnvelope {
  readonly kind: 'cancel'
  readonly callId: number
  readonly code: string
  readonly text: string
}

export interface EventEnvelope {
  readonly kind: 'event'
  /** 1 for the first event of a session in this direction, then one more each. */
  readonly sequence: number
  readonly event: string
  readonly topic: string
  /** Position in the topic's own history, where the sender keeps one. */
  readonly position?: number
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface SubscribeEnvelope {
  readonly kind: 'subscribe'
  readonly callId: number
  readonly event: string
  readonly topic: string
  /** Asks for what came after this position of the topic's history first. */
  readonly after?: number
  readonly metadata: Metadata
}

export interface UnsubscribeEnvelope {
  readonly kind: 'unsubscribe'
  readonly callId: number
  readonly event: string
  readonly topic: string
}

export interface PingEnvelope {
  readonly kind: 'ping' | 'pong'
  readonly token: number
}

export interface GoawayEnvelope {
  readonly kind: 'goaway'
  /** `CLOSED` for an orderly end; any other code ends the connection at once. */
  readonly code: string
  readonly text: string
  /** The highest call id of the receiver that was taken; later ones were not executed. */
  readonly lastCallId: number
  readonly metadata: Metadata
}

/** Every envelope of protocol version 1. */
export type Envelope =
  | HelloEnvelope
  | WelcomeEnvelope
  | CallEnvelope
  | ResultEnvelope
  | FailureEnvelope
  | ItemEnvelope
  | EndEnvelope
  | CreditEnvelope
  | CancelEnvelope
  | EventEnvelope
  | SubscribeEnvelope
  | UnsubscribeEnvelope
  | PingEnvelope
  | GoawayEnvelope

/** A frame of a later version which this one is allowed to pass over. */
export interface IgnorableEnvelope {
  readonly kind: 'ignorable'
  /** 0x80 to 0xff. */
  readonly kindCode: number
}

export const noBytes = new Uint8Array(0)
export const noBody: EnvelopeBody = { encoding: 'none', bytes: noBytes }
/** No pairs. It has no prototype, as every decoded metadata has none: `__proto__` is a key like any other. */
export const noMetadata: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
