import { textOfThrown } from '../../checks/thrown.ts'
import { type Body, emptyBody, encodeBody } from '../../envelope/codec.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import type { CredentialsEnvelope, VerdictEnvelope } from '../../envelope/link-envelopes.ts'
import { peerText } from '../../envelope/peer-text.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { faultOf, SessionFault, violation } from '../common/session-fault.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { unsendable } from '../flow/wire-errors.ts'
import {
  type CredentialsLink,
  credentialsBody,
  credentialsEnvelope,
  goneWhileWaiting,
} from './credentials-link.ts'
import type { LinkOptions } from './link-types.ts'

/** A client's side of credentials: it answers challenges, and gives new credentials by itself. */
export class CredentialsGiver {
  readonly #options: Pick<LinkOptions, 'environment' | 'limits'>
  readonly #writer: EnvelopeWriter
  readonly #link: CredentialsLink
  /** The number of challenges before the welcome. */
  #rounds = 0
  /** The challenge that was not answered yet. */
  #answering: number | undefined
  /** The last challenge that was answered. */
  #answered: number | undefined
  #answerTimer: SessionTimer | undefined
  /** New credentials that the server has not answered. */
  #renewal: ((refusal: RpcError | undefined) => void) | undefined
  #isOver = false

  constructor(
    options: Pick<LinkOptions, 'environment' | 'limits'>,
    writer: EnvelopeWriter,
    link: CredentialsLink,
  ) {
    this.#options = options
    this.#writer = writer
    this.#link = link
  }

  /** @throws SessionFault for a challenge that is not allowed now */
  challenged(envelope: CredentialsEnvelope): void {
    const { challengesMax, helloBytesMax, credentialsTimeoutMs } = this.#options.limits
    const { id } = envelope
    if (this.#answering !== undefined) throw violation('a challenge before the last one was answered')
    if (!this.#link.isOpen && ++this.#rounds > challengesMax)
      throw new SessionFault('LIMIT_EXCEEDED', `over ${challengesMax} challenges in one handshake`)
    this.#answering = id
    let answer: Promise<Body> | undefined
    try {
      answer = this.#link.events.linkChallenged(credentialsBody(envelope, helloBytesMax))
    } catch (error) {
      this.#noAnswer(id, error)
      return
    }
    if (answer === undefined) {
      this.#answer(id, emptyBody)
      return
    }
    const text = `no answer to the challenge within ${credentialsTimeoutMs} ms`
    this.#answerTimer = this.#options.environment.setTimer(credentialsTimeoutMs, () =>
      this.#noAnswer(id, new RpcError('DEADLINE_EXCEEDED', text)),
    )
    answer.then((body) => this.#answer(id, body)).catch((error: unknown) => this.#noAnswer(id, error))
  }

  /**
   * Gives new credentials on an open session.
   *
   * @returns a promise that settles when the server has accepted them, however late; rejects with an RpcError if it
   * refused, or the link ends
   */
  renew(auth: Body): Promise<void> {
    if (this.#renewal !== undefined)
      return Promise.reject(
        new RpcError('FAILED_PRECONDITION', 'the server has not answered the last credentials'),
      )
    try {
      this.#link.send(credentialsEnvelope('credentials', 0, auth, this.#writer))
    } catch (error) {
      return Promise.reject(unsendable(error, 'INVALID_ARGUMENT'))
    }
    return new Promise((resolve, reject) => {
      this.#renewal = (refusal) => (refusal === undefined ? resolve() : reject(refusal))
    })
  }

  verdict({ id, refusal }: VerdictEnvelope): void {
    const error = refusal && new RpcError(peerText(refusal.code), peerText(refusal.text))
    if (id === 0) {
      const renewal = this.#renewal
      this.#renewal = undefined
      renewal?.(error)
    } else if (id === this.#answered) {
      this.#answered = undefined
      if (error !== undefined) this.#link.events.linkAnswerFailed(error)
    }
  }

  end(): void {
    this.#isOver = true
    this.#answerTimer?.cancel()
    this.#renewal?.(goneWhileWaiting('the server has not answered the new credentials', true))
    this.#renewal = undefined
  }

  /** @throws RpcError for an answer that cannot be sent */
  #answer(id: number, body: Body): void {
    if (this.#isOver || this.#answering !== id) return
    const credentials = credentialsEnvelope('credentials', id, body, this.#writer)
    this.#link.answer(credentials)
    this.#answering = undefined
    this.#answered = id
    this.#answerTimer?.cancel()
  }

  /** Without an answer the handshake fails. An open session continues, and the server decides. */
  #noAnswer(id: number, cause: unknown): void {
    if (this.#isOver || this.#answering !== id) return
    if (!this.#link.isOpen) {
      const text = `this client cannot answer the challenge of the server: ${textOfThrown(cause)}`
      this.#link.failed(new SessionFault('ABORTED', text, cause))
      return
    }
    this.#answerTimer?.cancel()
    try {
      const none = { kind: 'credentials', id, metadata: noMetadata, body: encodeBody(emptyBody) } as const
      this.#link.answer(none)
      this.#answering = undefined
    } catch (error) {
      this.#link.failed(faultOf(error))
      return
    }
    this.#link.events.linkAnswerFailed(cause)
  }
}
