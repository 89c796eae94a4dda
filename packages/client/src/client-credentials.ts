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

/** The parts of the client that its credentials use. */
export interface ClientCredentialsOptions {
  /** The option `auth`: a value, or a function that returns one. */
  readonly auth: unknown
  /** The current session. */
  readonly session: () => Session
  /** The state of the client. */
  readonly state: () => ConnectionState
  readonly environment: SessionEnvironment
  /** The time limit of `auth` when it is called for new credentials. */
  readonly timeoutMs: number
  /** The time that the server has to answer new credentials. */
  readonly credentialsTimeoutMs: number
  /** The maximum length of the credentials in a hello. */
  readonly bytesMax: number
  /** Runs user code in the user's async context. */
  readonly enter: (run: () => void) => void
  /** Called when an answer to a challenge of an open connection failed. */
  readonly challengeFailed: (error: unknown) => void
}

/** The credentials of a client: for the hello, for challenges, and for renewals before they expire. */
export class ClientCredentials {
  readonly #options: ClientCredentialsOptions
  readonly #ask: CredentialsSource | undefined
  readonly #renewals = new Renewals()
  /** The last credentials given explicitly that the server has accepted. */
  #given: Body
  /** The given credentials at the time of the last hello. */
  #givenBefore: Body
  /** The credentials in the last hello. */
  #hello: ShownCredentials | undefined
  /** The renewal whose credentials were in it. */
  #shown: Renewal | undefined
  /** The credentials from which the server created the context of the current session. */
  #ofSession: ShownCredentials | undefined
  /** Credentials that the current session should get, although no caller waits for that. */
  #owed: Body | undefined
  /** The reason why there will be no further connection. */
  #endError: RpcError | undefined
  #isGiving = false
  /** The server has received credentials, and has not answered. */
  #isAnswering = false

  /** @throws ClientError `INVALID_OPTION` for a value that no hello may contain */
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

  /** The credentials of the next hello. Undefined if a function must be called for them. */
  get known(): Body | undefined {
    return this.#ask === undefined ? this.#given : undefined
  }

  /** Calls the function for the credentials of a hello. Undefined if they are known. */
  get forHello(): (() => Promise<Body>) | undefined {
    const ask = this.#ask
    if (ask === undefined) return undefined
    return () => {
      this.#renewals.askedForHello()
      return ask.ask({ reason: 'connect' })
    }
  }

  /**
   * Called when a hello is about to be sent.
   *
   * @param asked the result of {@link forHello} for it
   * @returns the credentials for the hello: the newest
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
   * The handshake of the current session is complete: the server has admitted the client with the credentials of the hello. A session that continues keeps
   * its former context, so it is given these credentials if they differ from its own.
   */
  connected({ resumed }: Pick<SessionStart, 'resumed'>): void {
    const shown = this.#shown
    const hello = this.#hello
    // The former server has accepted newer ones during this handshake. If this server refuses them, those of the hello still count.
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
   * Called when a handshake has failed.
   *
   * @returns whether the hello had newer credentials than before: then the server has refused only these
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

  /** There will be no further connection. */
  ended(error: RpcError): void {
    this.#endError = error
    this.#renewals.end(error)
    this.#ask?.end()
  }

  /** Answers a challenge. Undefined without a function: the session then reports that there is no answer. */
  get challenged(): ((challenge: Body) => Promise<Body>) | undefined {
    const ask = this.#ask
    if (ask === undefined) return undefined
    return (asked) => ask.ask({ reason: 'challenge', challenge: valueOfBody(asked) })
  }

  /** Called when an answer to a challenge of an open connection failed. */
  answerFailed(error: unknown): void {
    this.#options.challengeFailed(error)
  }

  threw(error: unknown): boolean {
    return this.#ask?.threw(error) === true
  }

  /** Describes what went wrong with credentials. */
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
    // Queued renewals wait for the same answer.
    if (this.#isAnswering) this.#waitForAnswer()
    void this.#give()
    try {
      await settled
    } catch (error) {
      // An error of the user's function is rethrown. Any other is created anew for the waiting caller.
      throw RpcError.is(error) && !this.threw(error) ? madeAgain(error) : error
    }
  }

  /** Sends the pending credentials on the current connection, the newest first: the server answers one at a time. */
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
      // Meanwhile the connection may be lost, or the hello of another one may have contained newer credentials.
      if (this.#isWithoutConnection || !this.#renewals.has(renewal)) return
      const body = renewal.body as Body
      const session = this.#options.session()
      await this.#answered(session.renewCredentials(body))
      if (renewal.given !== undefined) this.#given = renewal.given
      // The client may have moved meanwhile to another session, whose hello was sent before.
      if (session !== this.#options.session() && !this.#isEnded) return
      this.#ofSession = shownCredentials(body)
      this.#renewals.taken(renewal)
    } catch (error) {
      // The connection was lost before the server answered. The next connection, or that of the next session, needs
      // them.
      const isCut = RpcError.is(error) && error.code === 'UNAVAILABLE' && error.maybeExecuted
      if (!isCut || this.#isEnded) this.#renewals.failed(renewal, error)
    }
  }

  /** A refusal leaves the session unchanged, and a session that has lost its connection is checked again on the next one. */
  async #giveOwed(body: Body): Promise<void> {
    const session = this.#options.session()
    try {
      await this.#answered(session.renewCredentials(body))
      if (session === this.#options.session()) this.#ofSession = shownCredentials(body)
    } catch {}
  }

  /** A late answer counts like one in time: only the waiting caller has given up. */
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
