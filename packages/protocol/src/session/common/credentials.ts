import type { Body } from '../../envelope/codec.ts'

/** Credentials that a client gave on an open session. */
export interface CredentialsInfo {
  /** The credentials. */
  readonly auth: Body
  /** The challenge that they answer; undefined if the client gave them without being asked. */
  readonly challenge: Body | undefined
}

/** The decision to accept new credentials. */
export interface CredentialsAccepted {
  /**
   * The client that these credentials identify. They are refused if it differs from the one before. Default: the one
   * before.
   */
  readonly principal?: string | undefined
  /**
   * The principal of a hello that shows these credentials, if it is another text for the same client. The session can
   * be resumed with either one, because the server cannot know after a lost connection whether the client learned
   * that the credentials were accepted.
   */
  readonly alsoKnownAs?: string | undefined
  /**
   * Called when the credentials become effective, before the client is informed. Not called if they do not: they
   * belong to another principal, the decision took too long, or the connection is gone.
   */
  taken?(): void
}

/**
 * Asks the client for more credentials before it is accepted. Resolves with its answer, which is `none` if it has no
 * answer. Rejects with an RpcError: RESOURCE_EXHAUSTED above `challengesMax` or for a challenge that the client does
 * not accept; FAILED_PRECONDITION while another challenge waits for its answer; INVALID_ARGUMENT for an answer that
 * is not valid; UNAVAILABLE if the connection is gone.
 */
export type AskClient = (challenge: Body) => Promise<Body>

/** Options of `Session.challenge`. */
export interface ChallengeOptions {
  /** Milliseconds that the client may take to answer. Default: the limit `credentialsTimeoutMs`. */
  readonly timeoutMs?: number | undefined
}
