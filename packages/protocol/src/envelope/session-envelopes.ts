import type { EnvelopeBody, EnvelopeExtras, Metadata } from './envelope-parts.ts'

/** How much a sender of items may send: it may begin an item while both are above 0. */
export interface Credit {
  readonly items: number
  /** Bytes of bodies, all pieces together. */
  readonly bytes: number
}

/** A place in the log of a topic. */
export interface LogPosition {
  /** Opaque, 1 to 32 bytes. From the decoder a view of the frame. */
  readonly log: Uint8Array
  readonly number: number
}

export interface CallEnvelope extends EnvelopeExtras {
  readonly kind: 'call'
  readonly callId: number
  /** `chat@1/files.put`. */
  readonly procedure: string
  /** What is left of the caller's budget, in milliseconds. */
  readonly deadlineMs?: number | undefined
  /** Present when items are asked for: the first credit. */
  readonly credit?: Credit | undefined
  /** The caller will send items and an end. */
  readonly upload: boolean
  readonly metadata: Metadata
  readonly body: EnvelopeBody
  /** The body goes on in `more` envelopes. */
  readonly goesOn?: boolean
}

export interface ResultEnvelope extends EnvelopeExtras {
  readonly kind: 'result'
  readonly callId: number
  readonly metadata: Metadata
  readonly body: EnvelopeBody
  readonly goesOn?: boolean
}

export interface FailureEnvelope extends EnvelopeExtras {
  readonly kind: 'failure'
  readonly callId: number
  readonly code: string
  readonly text: string
  readonly maybeExecuted: boolean
  /** The caller should not try again earlier. */
  readonly retryAfterMs?: number | undefined
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface ItemEnvelope extends EnvelopeExtras {
  readonly kind: 'item'
  readonly callId: number
  /** 0 for the first item of a direction of a call, then one more each. */
  readonly sequence: number
  readonly body: EnvelopeBody
  readonly goesOn?: boolean
}

/** The next piece of the body that is under way in this direction of the call. */
export interface MoreEnvelope extends EnvelopeExtras {
  readonly kind: 'more'
  readonly callId: number
  /** At least one byte, in the encoding of the first piece. */
  readonly body: EnvelopeBody
  readonly goesOn?: boolean
}

export interface EndEnvelope extends EnvelopeExtras {
  readonly kind: 'end'
  readonly callId: number
  readonly metadata: Metadata
}

/** The handler runs. At most once, before the first item and the answer. */
export interface StartedEnvelope extends EnvelopeExtras {
  readonly kind: 'started'
  readonly callId: number
  readonly metadata: Metadata
}

export interface CreditEnvelope extends EnvelopeExtras, Credit {
  readonly kind: 'credit'
  readonly callId: number
}

export interface CancelEnvelope extends EnvelopeExtras {
  readonly kind: 'cancel'
  readonly callId: number
  readonly code: string
  readonly text: string
}

/** The callee takes no more items of the caller. */
export interface StopEnvelope extends EnvelopeExtras {
  readonly kind: 'stop'
  readonly callId: number
}

export interface SubscribeEnvelope extends EnvelopeExtras {
  readonly kind: 'subscribe'
  readonly callId: number
  readonly event: string
  readonly topic: string
  /** Asks for what came after this position of the topic's history first. */
  readonly position?: LogPosition | undefined
  readonly metadata: Metadata
}

export interface UnsubscribeEnvelope extends EnvelopeExtras {
  readonly kind: 'unsubscribe'
  readonly callId: number
  readonly event: string
  readonly topic: string
}

export interface EventEnvelope extends EnvelopeExtras {
  readonly kind: 'event'
  /** `chat@1/line`. */
  readonly event: string
  readonly topic: string
  /** Place in the topic's own history, where the sender keeps one. */
  readonly position?: LogPosition | undefined
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

export interface GapEnvelope extends EnvelopeExtras {
  readonly kind: 'gap'
  readonly event: string
  readonly topic: string
  /** How many were left out; 0 when the sender does not know. */
  readonly events: number
  /** The next event comes after it. */
  readonly position?: LogPosition | undefined
}

/** A call that is not answered. */
export interface OnewayEnvelope extends EnvelopeExtras {
  readonly kind: 'oneway'
  readonly procedure: string
  readonly deadlineMs?: number | undefined
  readonly metadata: Metadata
  readonly body: EnvelopeBody
}

/** Counts when a session resumes, and means nothing. */
export interface SkipEnvelope extends EnvelopeExtras {
  readonly kind: 'skip'
}

/** Envelopes that are about calls and events, and counted. */
export type SessionEnvelope =
  | CallEnvelope
  | ResultEnvelope
  | FailureEnvelope
  | ItemEnvelope
  | MoreEnvelope
  | EndEnvelope
  | StartedEnvelope
  | CreditEnvelope
  | CancelEnvelope
  | StopEnvelope
  | SubscribeEnvelope
  | UnsubscribeEnvelope
  | EventEnvelope
  | GapEnvelope
  | OnewayEnvelope
  | SkipEnvelope
