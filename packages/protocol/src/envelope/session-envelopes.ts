import type { EnvelopeBody, EnvelopeExtras, Metadata } from './envelope-parts.ts'

/** How much a sender of items may send. It may begin an item while both numbers are above 0. */
export interface Credit {
  /** The number of items. */
  readonly items: number
  /** The bytes of their bodies. */
  readonly bytes: number
}

/** A position in the log of a topic. */
export interface LogPosition {
  /** The id of the log: 1 to 32 opaque bytes. The decoder returns a view of the frame. */
  readonly log: Uint8Array
  /** The number of the event in its log. Numbers of the same log can be compared. */
  readonly number: number
}

/** A call. */
export interface CallEnvelope extends EnvelopeExtras {
  readonly kind: 'call'
  /** The id of the call: odd for calls of a client, even for calls of a server. */
  readonly callId: number
  /** The name of the procedure: `chat@1/files.put`. */
  readonly procedure: string
  /** Milliseconds that are left until the caller gives up; absent without a deadline. */
  readonly deadlineMs?: number | undefined
  /** The first credit for items of the callee; absent if the caller wants none. */
  readonly credit?: Credit | undefined
  /** Whether the caller will send items and an end. */
  readonly upload: boolean
  /** The metadata of the call. */
  readonly metadata: Metadata
  /** The input, or its first piece. */
  readonly body: EnvelopeBody
  /** Whether the body continues in `more` envelopes. */
  readonly goesOn?: boolean
}

/** The answer to a call that succeeded. */
export interface ResultEnvelope extends EnvelopeExtras {
  readonly kind: 'result'
  /** The id of the call. */
  readonly callId: number
  /** The metadata of the answer. */
  readonly metadata: Metadata
  /** The output, or its first piece. */
  readonly body: EnvelopeBody
  /** Whether the body continues in `more` envelopes. */
  readonly goesOn?: boolean
}

/** The answer to a call that failed. */
export interface FailureEnvelope extends EnvelopeExtras {
  readonly kind: 'failure'
  /** The id of the call. */
  readonly callId: number
  /** A standard code, or one that the contract declares. */
  readonly code: string
  /** The message for people. */
  readonly text: string
  /** Whether the call may have run although it failed. */
  readonly maybeExecuted: boolean
  /** Milliseconds that the caller should wait before it tries again; absent if the callee does not say. */
  readonly retryAfterMs?: number | undefined
  /** The metadata of the answer. */
  readonly metadata: Metadata
  /** The data of the failure. */
  readonly body: EnvelopeBody
}

/** An item of a call, in either direction. */
export interface ItemEnvelope extends EnvelopeExtras {
  readonly kind: 'item'
  /** The id of the call. */
  readonly callId: number
  /** 0 for the first item of a direction of a call, then one more for each. */
  readonly sequence: number
  /** The item, or its first piece. */
  readonly body: EnvelopeBody
  /** Whether the body continues in `more` envelopes. */
  readonly goesOn?: boolean
}

/** The next piece of the unfinished body in this direction of a call. */
export interface MoreEnvelope extends EnvelopeExtras {
  readonly kind: 'more'
  /** The id of the call. */
  readonly callId: number
  /** At least one byte, in the encoding of the first piece. */
  readonly body: EnvelopeBody
  /** Whether further pieces follow. */
  readonly goesOn?: boolean
}

/** The end of the items of one direction. From the callee it also ends the call. */
export interface EndEnvelope extends EnvelopeExtras {
  readonly kind: 'end'
  /** The id of the call. */
  readonly callId: number
  /** The metadata of the end. */
  readonly metadata: Metadata
}

/** The handler has started. Sent at most once, before the first item and the answer. */
export interface StartedEnvelope extends EnvelopeExtras {
  readonly kind: 'started'
  /** The id of the call. */
  readonly callId: number
  /** The metadata of the envelope. */
  readonly metadata: Metadata
}

/** Grants further items of a call to their sender. */
export interface CreditEnvelope extends EnvelopeExtras, Credit {
  readonly kind: 'credit'
  /** The id of the call. */
  readonly callId: number
}

/** The caller cancels a call. */
export interface CancelEnvelope extends EnvelopeExtras {
  readonly kind: 'cancel'
  /** The id of the call. */
  readonly callId: number
  /** Why: `CANCELLED` or `DEADLINE_EXCEEDED`, for example. */
  readonly code: string
  /** The reason for people. */
  readonly text: string
}

/** The callee accepts no more items of the caller. */
export interface StopEnvelope extends EnvelopeExtras {
  readonly kind: 'stop'
  /** The id of the call. */
  readonly callId: number
}

/** Asks for the events of a topic. It is answered as a call is. */
export interface SubscribeEnvelope extends EnvelopeExtras {
  readonly kind: 'subscribe'
  /** The id of the request, which counts as a call. */
  readonly callId: number
  /** The name of the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON (RFC 8785); empty for an event without topics. */
  readonly topic: string
  /** Asks for the events after this position of the log first. */
  readonly position?: LogPosition | undefined
  /** The metadata of the request. */
  readonly metadata: Metadata
}

/** Asks for no more events of a topic. It is answered as a call is. */
export interface UnsubscribeEnvelope extends EnvelopeExtras {
  readonly kind: 'unsubscribe'
  /** The id of the request, which counts as a call. */
  readonly callId: number
  /** The name of the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON (RFC 8785); empty for an event without topics. */
  readonly topic: string
}

/** An event. */
export interface EventEnvelope extends EnvelopeExtras {
  readonly kind: 'event'
  /** The name of the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON (RFC 8785); empty for an event without topics. */
  readonly topic: string
  /** The position of the event in the log of its topic; absent without a log. */
  readonly position?: LogPosition | undefined
  /** The metadata of the event. */
  readonly metadata: Metadata
  /** The payload. */
  readonly body: EnvelopeBody
}

/** Events of a topic were left out. */
export interface GapEnvelope extends EnvelopeExtras {
  readonly kind: 'gap'
  /** The name of the event: `chat@1/line`. */
  readonly event: string
  /** The topic as canonical JSON (RFC 8785); empty for an event without topics. */
  readonly topic: string
  /** How many were left out; 0 if the sender does not know. */
  readonly events: number
  /** The position in the log after which the next event comes; absent without a log. */
  readonly position?: LogPosition | undefined
}

/** A call without an answer. */
export interface OnewayEnvelope extends EnvelopeExtras {
  readonly kind: 'oneway'
  /** The name of the procedure: `chat@1/files.put`. */
  readonly procedure: string
  /** Milliseconds that are left until the caller gives up; absent without a deadline. */
  readonly deadlineMs?: number | undefined
  /** The metadata of the call. */
  readonly metadata: Metadata
  /** The input. */
  readonly body: EnvelopeBody
}

/** Has no meaning, but acknowledgements count it when a session resumes. */
export interface SkipEnvelope extends EnvelopeExtras {
  readonly kind: 'skip'
}

/** Envelopes about calls and events. Acknowledgements count them. */
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
