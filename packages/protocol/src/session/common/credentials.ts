import type { Body } from '../../envelope/codec.ts'

/** Credentials that a client gave on an open session. */
export interface CredentialsInfo {
  readonly auth: Body
  /** What the client answers with them; undefined when it gives them by itself. */
  readonly challenge: Body | undefined
}

/** New credentials that are good. */
export interface CredentialsAccepted {
  /** Who the client is by these. Somebody else than before is refused. Default: as before. */
  readonly principal?: string | undefined
  /**
   * What a hello that shows these gives as its principal, where that is another text although the client is the same. A session is taken
   * up again by either: whether the client knows that these were taken, nobody can tell once the connection is lost.
   */
  readonly alsoKnownAs?: string | undefined
  /**
   * They count from here on: called before the client is told so, and not at all when they come to nothing (they are of
   * somebody else, the decision took too long, or the connection is gone).
   */
  taken?(): void
}

/**
 * Asks the client for more credentials, before it is let in. Settles with what it gives, which is `none` when it has no answer.
 * Rejects with an RpcError: RESOURCE_EXHAUSTED for more than `challengesMax`, or what the client does not take;
 * FAILED_PRECONDITION while another one waits for its answer; INVALID_ARGUMENT for an answer that is not valid; UNAVAILABLE when the
 * connection is gone.
 */
export type AskClient = (challenge: Body) => Promise<Body>

/** How a challenge on an open session is made. */
export interface ChallengeOptions {
  /** How long the client may take to answer, in milliseconds. Default: the limit `credentialsTimeoutMs`. */
  readonly timeoutMs?: number | undefined
}
