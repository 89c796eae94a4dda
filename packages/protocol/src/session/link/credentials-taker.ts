import { type Body, emptyBody } from '../../envelope/codec.ts'
import type { CredentialsEnvelope } from '../../envelope/link-envelopes.ts'
import { RpcError } from '../../rpc-error.ts'
import type { AskClient, CredentialsAccepted, CredentialsInfo } from '../common/credentials.ts'
import type { SessionTimer } from '../common/session-environment.ts'
import { faultOf, violation } from '../common/session-fault.ts'
import { startPeerTimer } from '../common/timers.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { codeAndText, unsendable } from '../flow/wire-errors.ts'
import {
  type CredentialsLink,
  credentialsBody,
  credentialsEnvelope,
  goneWhileWaiting,
} from './credentials-link.ts'
import type { LinkOptions } from './link-types.ts'

/** A challenge of this side. */
interface Asked {
  readonly id: number
  readonly challenge: Body
  /** @param answer undefined if the connection has ended */
  readonly resolve: (answer: Body | undefined) => void
  readonly reject: (error: unknown) => void
  /** `late`: it is no longer awaited, and the client has not answered yet. `deciding`: the client has answered. */
  state: 'waiting' | 'late' | 'deciding'
}

/** Creates the server's side of credentials. */
export type NewCredentialsTaker = (
  options: Pick<LinkOptions, 'environment' | 'limits'>,
  writer: EnvelopeWriter,
  link: CredentialsLink,
) => CredentialsTaker

/** A server's side of credentials: it asks for them, before the welcome and later, and answers those that arrive. */
export class CredentialsTaker {
  readonly #options: Pick<LinkOptions, 'environment' | 'limits'>
  readonly #writer: EnvelopeWriter
  readonly #link: CredentialsLink
  #lastId = 0
  #asked: Asked | undefined
  #answerTimer: SessionTimer | undefined
  #decisionTimer: SessionTimer | undefined
  /** Whether credentials without a challenge have arrived and were not answered. */
  #hasUnasked = false
  /** Credentials are decided on one after the other, so that the last ones count. Created with the first ones. */
  #decided: Promise<void> | undefined
  #isOver = false
  /** The identity of the client. */
  principal: string | undefined

  constructor(
    options: Pick<LinkOptions, 'environment' | 'limits'>,
    writer: EnvelopeWriter,
    link: CredentialsLink,
  ) {
    this.#options = options
    this.#writer = writer
    this.#link = link
  }

  /** Sends challenges before the welcome, within the time of the handshake. */
  get ask(): AskClient {
    return (challenge) => this.#ask(challenge)
  }

  /** @throws SessionFault for an answer that was not requested */
  answered(envelope: CredentialsEnvelope): void {
    const asked = this.#waitingFor(envelope.id)
    this.#asked = undefined
    try {
      asked.resolve(this.#read(envelope))
    } catch (error) {
      asked.reject(error)
    }
  }

  /** The client is admitted. An unanswered challenge is no longer awaited. */
  opened(): void {
    this.#asked?.reject(failedPrecondition('the client was accepted before it answered'))
    if (this.#asked !== undefined) this.#asked.state = 'late'
  }

  /**
   * Sends a challenge on an open session.
   *
   * @returns a promise of true when the answer was accepted, and of false if the connection ends before; it rejects
   * with the RpcError that refuses the answer, or with DEADLINE_EXCEEDED
   */
  async challenge(challenge: Body, timeoutMs: number): Promise<boolean> {
    return (await this.#send(challenge, timeoutMs)) !== undefined
  }

  /**
   * Handles new credentials on an open session, or the answer to a challenge.
   *
   * @throws SessionFault for an answer that was not requested
   */
  given(envelope: CredentialsEnvelope): void {
    const { id } = envelope
    if (id === 0 && this.#hasUnasked) throw violation('new credentials before the last ones were answered')
    const asked = id === 0 ? undefined : this.#waitingFor(id)
    // Credentials without a challenge are not an answer: the time for one continues to run.
    if (asked !== undefined) this.#answerTimer?.cancel()
    if (asked?.state === 'late') {
      this.#asked = undefined
      this.#verdict(id, new RpcError('DEADLINE_EXCEEDED', 'the answer to the challenge came too late'))
      return
    }
    if (id === 0) this.#hasUnasked = true
    if (asked !== undefined) asked.state = 'deciding'
    if (!this.#link.events.takesCredentials) {
      this.#settle(id, new RpcError('UNIMPLEMENTED', 'this server accepts credentials only in the hello'))
      return
    }
    try {
      const info = { auth: this.#read(envelope), challenge: asked?.challenge }
      this.#decided = (this.#decided ?? Promise.resolve()).then(() => this.#decide(id, info))
    } catch (error) {
      this.#settle(id, error)
    }
  }

  end(): void {
    this.#isOver = true
    this.#answerTimer?.cancel()
    this.#decisionTimer?.cancel()
    this.#asked?.resolve(undefined)
    this.#asked = undefined
  }

  #ask(challenge: Body): Promise<Body> {
    const { challengesMax } = this.#options.limits
    if (this.#link.isOpen) return rejected(failedPrecondition('the client was already accepted'))
    if (this.#lastId >= challengesMax)
      return rejected(new RpcError('RESOURCE_EXHAUSTED', `over ${challengesMax} challenges in one handshake`))
    const answer = this.#send(challenge).then((body) => {
      if (body === undefined) throw goneWhileWaiting('the client has not answered the challenge', false)
      return body
    })
    return handled(answer)
  }

  #send(challenge: Body, timeoutMs?: number): Promise<Body | undefined> {
    if (this.#isOver) return rejected(goneWhileWaiting('no challenge was sent', false))
    if (this.#asked !== undefined)
      return rejected(failedPrecondition('the client has not answered the last challenge'))
    const id = this.#lastId + 1
    try {
      this.#link.send(credentialsEnvelope('challenge', id, challenge, this.#writer))
    } catch (error) {
      return rejected(unsendable(error, 'INVALID_ARGUMENT'))
    }
    this.#lastId = id
    return handled(
      new Promise((resolve, reject) => {
        const asked: Asked = { id, challenge, resolve, reject, state: 'waiting' }
        this.#asked = asked
        if (timeoutMs !== undefined) this.#answerTimer = this.#late(asked, timeoutMs)
      }),
    )
  }

  #late(asked: Asked, timeoutMs: number): SessionTimer {
    return startPeerTimer(this.#options.environment, timeoutMs, () => {
      asked.state = 'late'
      const text = `the client did not answer the challenge within ${timeoutMs} ms`
      asked.reject(new RpcError('DEADLINE_EXCEEDED', text))
    })
  }

  #waitingFor(id: number): Asked {
    const asked = this.#asked
    if (asked === undefined || asked.id !== id || asked.state === 'deciding')
      throw violation(`credentials for challenge ${id}, which is not open`)
    return asked
  }

  #read(envelope: CredentialsEnvelope): Body {
    return credentialsBody(envelope, this.#options.limits.helloBytesMax)
  }

  /** Never rejects. */
  async #decide(id: number, info: CredentialsInfo): Promise<void> {
    if (this.#isOver) return
    let refusal: unknown
    try {
      const { principal, alsoKnownAs, taken } = await this.#inTime(info)
      if (this.#isOver) return
      if (principal !== undefined && principal !== this.principal)
        throw new RpcError('PERMISSION_DENIED', 'the new credentials belong to someone else')
      taken?.()
      if (alsoKnownAs !== undefined) this.#link.resumption?.knowsAlsoAs(alsoKnownAs)
    } catch (error) {
      refusal = error ?? new RpcError('INTERNAL', 'the server could not check the credentials')
    }
    if (!this.#isOver) this.#settle(id, refusal)
  }

  /** Without a timeout, a decision that never comes would let the client wait forever. */
  #inTime(info: CredentialsInfo): Promise<CredentialsAccepted> {
    const { environment, limits } = this.#options
    return new Promise((resolve, reject) => {
      const text = `the server did not decide within ${limits.credentialsTimeoutMs} ms`
      const timer = environment.setTimer(limits.credentialsTimeoutMs, () =>
        reject(new RpcError('DEADLINE_EXCEEDED', text)),
      )
      this.#decisionTimer = timer
      const decided = new Promise<CredentialsAccepted>((take) =>
        take(this.#link.events.linkCredentials(info)),
      )
      void decided.then(resolve, reject).then(() => timer.cancel())
    })
  }

  /** An error that is not an RpcError is a bug of this side, and is hidden from the client. */
  #settle(id: number, error: unknown): void {
    let refusal: RpcError | undefined
    if (error !== undefined) {
      if (RpcError.is(error)) refusal = error
      else {
        refusal = new RpcError('INTERNAL', 'the server could not check the credentials')
        this.#link.events.linkHookFailed(error)
      }
    }
    const asked = this.#asked
    if (id === 0) this.#hasUnasked = false
    else this.#asked = undefined
    this.#verdict(id, refusal)
    if (id === 0 || asked === undefined) return
    if (refusal === undefined) asked.resolve(emptyBody)
    else asked.reject(refusal)
  }

  #verdict(id: number, refusal: RpcError | undefined): void {
    try {
      this.#link.answer({ kind: 'verdict', id, refusal: refusal && codeAndText(refusal) })
    } catch (error) {
      this.#link.failed(faultOf(error))
    }
  }
}

function failedPrecondition(text: string): RpcError {
  return new RpcError('FAILED_PRECONDITION', text)
}

function rejected(error: RpcError): Promise<never> {
  return handled(Promise.reject(error))
}

/** The caller need not await the answer: a client must not be able to cause an unhandled rejection. */
function handled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined)
  return promise
}
