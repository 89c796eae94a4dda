import type { Body } from '../../envelope/codec.ts'
import type { Metadata } from '../../envelope/envelope-parts.ts'
import type { LogPosition } from '../../envelope/session-envelopes.ts'
import type { RpcError } from '../../rpc-error.ts'

/** An event that is sent or was received. */
export interface SessionEvent {
  /** The name of the event: `contract@version/event`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** The payload. */
  readonly body: Body
  /** Its position in the log of its topic; absent if no log keeps it. */
  readonly position?: LogPosition | undefined
}

/** An event that the peer sent and that cannot be handled. */
export interface DroppedEvent {
  /** The name that the peer sent, without control characters. */
  readonly event: string
  /** The topic that the peer sent, without control characters. */
  readonly topic: string
  /** What is wrong with it, for people. */
  readonly problem: string
}

/** A call without an answer that the peer made and that was not run. */
export interface DroppedOneway {
  /** The name that the peer sent, without control characters. */
  readonly procedure: string
  /** Why it was not run, for people. */
  readonly problem: string
}

/** Events of a topic that the peer left out, in the place where they would have come. */
export interface EventGap {
  /** The name of the event: `contract@version/event`. */
  readonly event: string
  /** The topic as canonical JSON; empty for an event without topics. */
  readonly topic: string
  /** How many were left out; 0 if the peer does not know. */
  readonly events: number
  /** The position in the log after which the next event of the topic comes; absent without a log. */
  readonly position?: LogPosition | undefined
}

/** The peer's announcement that it is ending the session. */
export interface Goaway {
  /** False: the peer still accepts calls, but new ones should be made elsewhere. True: it accepts no further call. */
  readonly isFinal: boolean
  /** Milliseconds to wait before connecting again; undefined if the peer did not say. */
  readonly retryAfterMs: number | undefined
}

/** The decision to accept a hello. */
export interface HelloAccepted {
  /** The metadata of the welcome. Default: none. */
  readonly metadata?: Metadata
  /** The client that the credentials identify. Only the same principal can resume the session. Default: none. */
  readonly principal?: string | undefined
  /**
   * The error with which the client is refused unless it resumes a session, because there is no room for another one.
   */
  readonly unlessResumed?: RpcError | undefined
}
