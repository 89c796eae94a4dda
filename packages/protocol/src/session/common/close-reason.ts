/**
 * Why a session ended. `CLOSED` is the orderly end; the other codes name faults. docs/wire-protocol.md describes
 * each.
 */
export type SessionCloseCode =
  | 'CLOSED'
  | 'CONNECTION_LOST'
  | 'HELLO_TIMEOUT'
  | 'HELLO_REFUSED'
  | 'VERSION_UNSUPPORTED'
  | 'NOT_FRAMEPORT'
  | 'FRAME_TOO_LONG'
  | 'FRAME_TIMEOUT'
  | 'TRUNCATED'
  | 'MALFORMED_ENVELOPE'
  | 'UNKNOWN_KIND'
  | 'PROTOCOL_VIOLATION'
  | 'LIMIT_EXCEEDED'
  | 'OVERLOADED'
  | 'REPLACED'
  | 'HEARTBEAT_TIMEOUT'
  | 'ABORTED'

/** Why a session ended. */
export interface SessionCloseReason {
  /** The stable code of the reason. */
  readonly code: SessionCloseCode
  /** The reason for people and logs. */
  readonly message: string
  /**
   * Which side ended the session, in order or because of a fault that it found. Absent if that is unknown: the
   * connection was lost, or there never was one.
   */
  readonly closedBy?: 'local' | 'peer' | undefined
  /** The error that led to it, if there was one. */
  readonly cause?: unknown
  /** Milliseconds that the peer asked to wait before connecting again; absent if it did not say. */
  readonly retryAfterMs?: number | undefined
}
