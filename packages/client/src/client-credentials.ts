import type { SessionCloseReason } from '@frameport/protocol'
import { RpcError } from '@frameport/protocol'
import { madeAgain } from '@frameport/protocol/calling'
import { textOfThrown } from '@frameport/protocol/checks'
import { type Body, bodyOfValue, encodeBody, valueOfBody } from '@frameport/protocol/envelope'
import type { Session, SessionEnvironment } from '@frameport/protocol/session'
import { refusal, refuse } from './check-options.ts'
import { CredentialsSource, checkedCredentials, tooLong } from './connect/credentials-source.ts'
import { isFinal } from './connect/final-reasons.ts'
import { type Renewal, Renewals } from './connect/renewals.ts'
import { isSame, type ShownCredentials, shownCredentials } from './connect/shown-credentials.ts'
import type { CredentialsFunction } from './credentials-types.ts'
import type { ConnectionState, SessionStart } from './reconnect-types.ts'

/** What the credentials of a client stand on. */
export interface ClientCredentialsOptions {
  /** The option `auth`: a value, or a function that gives one. */
  readonly auth: unknown
  /** The session of now. */
  readonly session: () => Session
  /** That of the client. */
  readonly state: () => ConnectionState
  readonly environment: SessionEnvironment
  /** Of a function that is asked for new ones. */
  readonly timeoutMs: number
  /** How long the server has for its answer to new ones. */
  readonly credentialsTimeoutMs: number
  /** Of the credentials in a hello. */
  readonly bytesMax: number
  /** Runs what users wrote in their context. */
  readonly enter: (run: () => void) => void
  /** Told of an answer to a challenge of an open connection that came to nothing. */
  readonly challengeFailed: (error: unknown) => void
}

/** What a client shows to say who it is: in the hello, when it is asked, and before it expires. */
export class ClientCredentials {
  readonly #options: ClientCredentialsOptions
  readonly #ask: CredentialsSource | undefined
  readonly #renewals = new Renewals()
  /** The last that the server has taken, of those given by hand. */
  #given: Body
  /** What was given when the last hello was made. */
  #givenBefore: Body
  /** What the last hello has shown. */
  #hello: ShownCredentials | undefined
  /** The renewal that it was for. */
  #shown: Renewal | undefined
  /** What the server has made the context of, in the session of now. */
  #ofSession: ShownCredentials | undefined
  /** What the session of now should have, although nobody waits for it. */
  #owed: Body | undefined
  /** Why there will be no connection any more. */
  #endError: RpcError | undefined
  #isGiving = false
  /** The server has been given some, and has not answered. */
  #isAnswering = false

  /** @throws ClientError `INVALID_OPTION` for a value that no hello may show */
  constructor(options: ClientCredentialsOptions) {
    const { auth, bytesMax } = options
    this.#options = options
    if (typeof auth === 'function')
      this.#ask = new CredentialsSource({ ...options, ask: auth as CredentialsFunction })
    this.#given = bodyOfValue(this.#ask === undefined ? auth : undefined)
    this.#givenBefore = this.#given
    const problem = tooLong(encodeBody(this.#given).bytes.length, bytesMax)
    refuse(problem && `auth ${problem}`)
  }

  /** Of the next hello. Undefined when they have to be asked for. */
  get known(): Body | undefined {
    return this.#ask === undefined ? this.#given : undefined
  }

  /** Asks for those of a hello. Absent when they are known. */
  get forHello(): (() => Promise<Body>) | undefined {
    const ask = this.#ask
    if (ask === undefined) return undefined
    return () => {
      this.#renewals.askedForHello()
      return ask.ask({ reason: 'connect' })
    }
  }

  /**
   * A hello is about to be sent.
   *
   * @param asked what {@link forHello} gave for it
   * @returns what it shows: the newest
   */
  forNextHello(asked: Body | undefined): Body | undefined {
    const { newest } = this.#renewals
    this.#shown = newest?.given !== undefined || newest?.isAskedFor === true ? newest : undefined
    const body = newest?.given ?? asked ?? this.#given
    if (this.#shown !== undefined) this.#shown.body = body
    this.#givenBefore = this.#given
    this.#hello = shownCredentials(body)
    return body
  }

  /**
   * The handshake of the session of now is done: the server has let the client in with what the hello has shown. A session that goes on keeps
   * the context of before all the same: it is given what the hello has shown, where that is not what it has.
   */
  connected({ resumed }: Pick<SessionStart, 'resumed'>): void {
    const shown = this.#shown
    const hello = this.#hello
    // The server of before has taken newer ones while this handshake was under way. If this one refuses them, those of the hello count on.
    const isOld = this.#given !== this.#givenBefore
    this.#shown = undefined
    if (shown?.given !== undefined) this.#given = shown.given
    if (!resumed) {
      this.#ofSession = hello
      if (shown !== undefined) this.#renewals.taken(shown)
    }
    const isOther = resumed && hello !== undefined && !isSame(hello, this.#ofSession)
    this.#owed = isOld ? this.#given : isOther ? hello.body : undefined
    void this.#give()
  }

  /**
   * A handshake has failed.
   *
   * @returns whether that was for credentials which were given meanwhile: those of before have not been refused
   */
  refused(reason: SessionCloseReason): boolean {
    const shown = this.#shown
    const { cause } = reason
    if (shown?.given === undefined) return false
    if (!isFinal(reason) || !RpcError.is(cause)) return false
    this.#shown = undefined
    this.#renewals.failed(shown, cause)
    return true
  }

  /** There will be no connection any more. */
  ended(error: RpcError): void {
    this.#endError = error
    this.#renewals.end(error)
    this.#ask?.end()
  }

  /** Answers a challenge. Undefined without a function: there is no answer then, and the session says so. */
  get challenged(): ((challenge: Body) => Promise<Body>) | undefined {
    const ask = this.#ask
    if (ask === undefined) return undefined
    return (asked) => ask.ask({ reason: 'challenge', challenge: valueOfBody(asked) })
  }

  /** The answer to a challenge of an open connection came to nothing. */
  answerFailed(error: unknown): void {
    this.#options.challengeFailed(error)
  }

  threw(error: unknown): boolean {
    return this.#ask?.threw(error) === true
  }

  /** What went wrong with credentials, in words. */
  textOf(error: unknown): string {
    return this.#ask?.textOf(error) ?? textOfThrown(error)
  }

  /** See `$connection.renewAuth`. */
  async renew(args: readonly unknown[]): Promise<void> {
    if (args.length === 0 && this.#ask === undefined)
      throw refusal('renewAuth needs the new credentials, unless the option auth is a function')
    const { bytesMax } = this.#options
    const given =
      args.length === 0 ? undefined : checkedCredentials(args[0], bytesMax, 'the argument of renewAuth')
    if (this.#endError !== undefined) throw madeAgain(this.#endError)
    const { settled } = this.#renewals.add(given)
    // Those in line wait for the same answer.
    if (this.#isAnswering) this.#waitForAnswer()
    void this.#give()
    try {
      await settled
    } catch (error) {
      // What users threw is theirs. Anything else is made anew, where somebody waits for it.
      throw RpcError.is(error) && !this.threw(error) ? madeAgain(error) : error
    }
  }

  /** Gives what is to be given on the connection that there is, the newest first: the server answers one at a time. */
  async #give(): Promise<void> {
    if (this.#isGiving) return
    this.#isGiving = true
    while (!this.#isWithoutConnection) {
      const renewal = this.#renewals.newest
      const owed = this.#owed
      this.#owed = undefined
      if (renewal !== undefined) await this.#renew(renewal)
      else if (owed !== undefined) await this.#giveOwed(owed)
      else break
    }
    this.#isGiving = false
    this.#renewals.stopWaiting()
  }

  async #renew(renewal: Renewal): Promise<void> {
    try {
      renewal.body ??= await this.#ask?.askToRenew()
    } catch (error) {
      this.#renewals.askFailed(error)
      return
    }
    try {
      // Meanwhile the connection may be lost, or the hello of another one may have shown newer ones.
      if (this.#isWithoutConnection || !this.#renewals.has(renewal)) return
      const body = renewal.body as Body
      const session = this.#options.session()
      await this.#answered(session.renewCredentials(body))
      if (renewal.given !== undefined) this.#given = renewal.given
      // The client may have moved meanwhile, and its hello there was sent before.
      if (session !== this.#options.session() && !this.#isEnded) return
      this.#ofSession = shownCredentials(body)
      this.#renewals.taken(renewal)
    } catch (error) {
      // The connection went before the server had answered. They are for the next one, or that to which the client has moved.
      const isCut = RpcError.is(error) && error.code === 'UNAVAILABLE' && error.maybeExecuted
      if (!isCut || this.#isEnded) this.#renewals.failed(renewal, error)
    }
  }

  /** A refusal leaves the session as it was, and a session that has lost its connection is looked at again when it has the next one. */
  async #giveOwed(body: Body): Promise<void> {
    const session = this.#options.session()
    try {
      await this.#answered(session.renewCredentials(body))
      if (session === this.#options.session()) this.#ofSession = shownCredentials(body)
    } catch {}
  }

  /** An answer that comes late counts as one in time: only who waits for it gives up. */
  async #answered(answer: Promise<void>): Promise<void> {
    this.#isAnswering = true
    this.#waitForAnswer()
    try {
      await answer
    } finally {
      this.#isAnswering = false
    }
  }

  #waitForAnswer(): void {
    const { environment, credentialsTimeoutMs } = this.#options
    const text = `the server did not answer the new credentials within ${credentialsTimeoutMs} ms`
    this.#renewals.waitFor(
      (late) => environment.setTimer(credentialsTimeoutMs, late),
      () => new RpcError('DEADLINE_EXCEEDED', text, { maybeExecuted: true }),
    )
  }

  get #isEnded(): boolean {
    const state = this.#options.state()
    return state === 'draining' || state === 'closed'
  }

  get #isWithoutConnection(): boolean {
    const state = this.#options.state()
    return state === 'connecting' || state === 'reconnecting'
  }
}
