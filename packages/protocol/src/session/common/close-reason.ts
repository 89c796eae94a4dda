/** Why a session ended. `CLOSED` is the orderly end; the others are typed reasons for logs. */
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

export interface SessionCloseReason {
  readonly code: SessionCloseCode
  readonly message: string
  /**
   * Which side ended the session, in order or for a fault that it found. Absent when nobody knows: the connection was lost, or
   * there never was one.
   */
  readonly closedBy?: 'local' | 'peer' | undefined
  readonly cause?: unknown
  /** When the peer said that this side may connect again, in milliseconds; absent when it did not say. */
  readonly retryAfterMs?: number | undefined
}
