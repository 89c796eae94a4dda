import type { EnvelopeBody, EnvelopeExtras, Metadata } from './envelope-parts.ts'

/** One setting on the wire. What the ids mean, with ranges and defaults: settings.ts. */
export type Setting = readonly [id: number, value: number]

/** A contract in a hello or a welcome. */
export interface WireContract {
  readonly name: string
  /** From 1. */
  readonly version: number
  /** The sum of 1 (this side serves it) and 2 (this side calls it). */
  readonly roles: number
  /** 1 to 32 bytes, compared for equality. From the decoder a view of the frame. */
  readonly hash: Uint8Array
}

/** What a resumed session is looked up by, and shown. From the decoder views of the frame. */
export interface SessionTicket {
  readonly session: Uint8Array
  readonly secret: Uint8Array
}

export interface HelloEnvelope extends EnvelopeExtras {
  readonly kind: 'hello'
  readonly versionMin: number
  readonly versionMax: number
  /** In order of preference. */
  readonly codecs: readonly string[]
  readonly settings: readonly Setting[]
  readonly contracts: readonly WireContract[]
  readonly resume?: (SessionTicket & { readonly received: number }) | undefined
  readonly metadata: Metadata
  /** Credentials, in JSON or raw: no codec is negotiated yet. */
  readonly body: EnvelopeBody
}

export interface WelcomeEnvelope extends EnvelopeExtras {
  readonly kind: 'welcome'
  readonly version: number
  readonly codec: string
  readonly settings: readonly Setting[]
  readonly contracts: readonly WireContract[]
  readonly session?: SessionTicket | undefined
  /** Session envelopes that the server had handled. Present when the session of the hello goes on. */
  readonly received?: number | undefined
  readonly metadata: Metadata
}

export interface RefusedEnvelope extends EnvelopeExtras {
  readonly kind: 'refused'
  readonly code: string
  readonly text: string
  readonly retryAfterMs?: number | undefined
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

/** `challenge`: the server asks for credentials. `credentials`: the client gives them; id 0 when nobody asked. */
export interface CredentialsEnvelope extends EnvelopeExtras {
  readonly kind: 'challenge' | 'credentials'
  readonly id: number
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface VerdictEnvelope extends EnvelopeExtras {
  readonly kind: 'verdict'
  readonly id: number
  /** Absent: the credentials were taken. */
  readonly refusal?: { readonly code: string; readonly text: string } | undefined
}

export interface PingEnvelope extends EnvelopeExtras {
  readonly kind: 'ping' | 'pong'
  readonly token: number
  /** Session envelopes that the sender has handled. */
  readonly received?: number | undefined
}

export interface AckEnvelope extends EnvelopeExtras {
  readonly kind: 'ack'
  /** Session envelopes that the sender has handled. */
  readonly received: number
}

export interface GoawayEnvelope extends EnvelopeExtras {
  readonly kind: 'goaway'
  /** `CLOSED` for an orderly end; any other code ends the connection at once. */
  readonly code: string
  readonly text: string
  /** The highest call id of the receiver that was taken; absent while every call is still taken. */
  readonly lastCallId?: number | undefined
  readonly retryAfterMs?: number | undefined
  readonly metadata: Metadata
}

/** Envelopes about the connection. They are never counted. */
export type LinkEnvelope =
  | HelloEnvelope
  | WelcomeEnvelope
  | RefusedEnvelope
  | CredentialsEnvelope
  | VerdictEnvelope
  | PingEnvelope
  | AckEnvelope
  | GoawayEnvelope
