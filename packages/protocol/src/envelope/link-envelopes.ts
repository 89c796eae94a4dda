import type { EnvelopeBody, EnvelopeExtras, Metadata } from './envelope-parts.ts'

/** A setting on the wire. `settingRules` has the ids, ranges and defaults. */
export type Setting = readonly [id: number, value: number]

/** A contract in a hello or a welcome. */
export interface WireContract {
  /** The name of the contract. */
  readonly name: string
  /** The version of the contract, from 1 on. */
  readonly version: number
  /** The sum of 1 (the sender serves it) and 2 (the sender calls it). */
  readonly roles: number
  /** 1 to 32 bytes, to be compared for equality. The decoder returns a view of the frame. */
  readonly hash: Uint8Array
}

/** What a client shows to resume its session. The decoder returns views of the frame. */
export interface SessionTicket {
  /** The id of the session: 1 to 64 bytes. */
  readonly session: Uint8Array
  /** The secret of the session: 16 to 64 bytes. Each welcome brings a new one. */
  readonly secret: Uint8Array
}

/** The first envelope of a client. */
export interface HelloEnvelope extends EnvelopeExtras {
  readonly kind: 'hello'
  /** The lowest version of the protocol that the client speaks. */
  readonly versionMin: number
  /** The highest version of the protocol that the client speaks. */
  readonly versionMax: number
  /** The codecs that the client offers, in order of preference. */
  readonly codecs: readonly string[]
  /** The settings of the client that differ from their defaults. */
  readonly settings: readonly Setting[]
  /** The contracts of the client. */
  readonly contracts: readonly WireContract[]
  /**
   * The session that the client wants to resume, with the number of session envelopes that it has handled
   * (`received`). Absent for a new session.
   */
  readonly resume?: (SessionTicket & { readonly received: number }) | undefined
  /** The metadata of the hello. */
  readonly metadata: Metadata
  /** The credentials, as JSON or raw bytes, because no codec is negotiated yet. */
  readonly body: EnvelopeBody
}

/** The answer of a server that accepts a client. */
export interface WelcomeEnvelope extends EnvelopeExtras {
  readonly kind: 'welcome'
  /** The version of the protocol that the server chose. */
  readonly version: number
  /** The codec that the server chose. */
  readonly codec: string
  /** The settings of the server that differ from their defaults. */
  readonly settings: readonly Setting[]
  /** The contracts of the server that have a name from the hello, in every version. */
  readonly contracts: readonly WireContract[]
  /** The ticket with which the client can resume the session; absent if it cannot be resumed. */
  readonly session?: SessionTicket | undefined
  /** The number of session envelopes that the server has handled. Present if the session of the hello is resumed. */
  readonly received?: number | undefined
  /** The metadata of the welcome. */
  readonly metadata: Metadata
}

/** The answer of a server that refuses a client. */
export interface RefusedEnvelope extends EnvelopeExtras {
  readonly kind: 'refused'
  /** The reason: a standard code or one of the application. */
  readonly code: string
  /** The reason for people. */
  readonly text: string
  /** Milliseconds that the client should wait before it connects again; absent if the server does not say. */
  readonly retryAfterMs?: number | undefined
  /** The metadata of the refusal. */
  readonly metadata: Metadata
  /** The data of the refusal. */
  readonly body: EnvelopeBody
}

/** `challenge`: a server asks for credentials. `credentials`: a client gives them. */
export interface CredentialsEnvelope extends EnvelopeExtras {
  /** Which of the two it is. */
  readonly kind: 'challenge' | 'credentials'
  /** The number of the challenge. Credentials with the id 0 were not asked for. */
  readonly id: number
  /** The metadata of the envelope. */
  readonly metadata: Metadata
  /** The challenge or the credentials. */
  readonly body: EnvelopeBody
}

/** The answer of a server to credentials on an open session. */
export interface VerdictEnvelope extends EnvelopeExtras {
  readonly kind: 'verdict'
  /** The id of the credentials that it answers. */
  readonly id: number
  /** Why the server refused the credentials; absent if it accepted them. */
  readonly refusal?: { readonly code: string; readonly text: string } | undefined
}

/** A question for a sign of life, and the answer to it. */
export interface PingEnvelope extends EnvelopeExtras {
  /** Which of the two it is. */
  readonly kind: 'ping' | 'pong'
  /** A number that the pong repeats. */
  readonly token: number
  /** The number of session envelopes that the sender has handled. */
  readonly received?: number | undefined
}

/** An acknowledgement. */
export interface AckEnvelope extends EnvelopeExtras {
  readonly kind: 'ack'
  /** The number of session envelopes that the sender has handled. */
  readonly received: number
}

/** The sender is ending the session, or will end it soon. */
export interface GoawayEnvelope extends EnvelopeExtras {
  readonly kind: 'goaway'
  /** `CLOSED` for an orderly end. Any other code ends the connection at once. */
  readonly code: string
  /** The reason for people. */
  readonly text: string
  /** The highest id of the receiver's calls that the sender accepted. Absent while it still accepts every call. */
  readonly lastCallId?: number | undefined
  /** Milliseconds that the receiver should wait before it connects again; absent if the sender does not say. */
  readonly retryAfterMs?: number | undefined
  /** The metadata of the envelope. */
  readonly metadata: Metadata
}

/** Envelopes about the connection. Acknowledgements do not count them. */
export type LinkEnvelope =
  | HelloEnvelope
  | WelcomeEnvelope
  | RefusedEnvelope
  | CredentialsEnvelope
  | VerdictEnvelope
  | PingEnvelope
  | AckEnvelope
  | GoawayEnvelope
