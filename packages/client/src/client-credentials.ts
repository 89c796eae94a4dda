import type { SessionCloseReason } from '@frameport/protocol'
import { RpcError } from '@frameport/protocol'
import { textOfThrown } from '@frameport/protocol/checks'
import { type Body, bodyOfValue, encodeBody, valueOfBody } from '@frameport/protocol/envelope'
import type { Session, SessionHandlers } from '@frameport/protocol/session'
import { refusal } from './check-options.ts'
import { isFinal } from './connect/final-reasons.ts'
import { type GivenCredentials, WaitingRenewal } from './connect/waiting-renewal.ts'
import type { CredentialsFacts, CredentialsFunction } from './credentials-types.ts'
import type { ConnectionState } from './reconnect-types.ts'

/** What the credentials of a client stand on. */
export interface ClientCredentialsOptions {
  /** The option `auth`: a value, or a function that gives one. */
  readonly auth: unknown
  /** The session of now. */
  readonly session: () => Session
  /** That of the client. */
  readonly state: () => ConnectionState
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
  readonly #ask: CredentialsFunction | undefined
  /** The last that the server has taken, of those given by hand. */
  #given: unknown
  /** Until there is a connection. */
  #waiting: WaitingRenewal | undefined
  /** The renewal that the last hello was for. */
  #shown: WaitingRenewal | undefined
  /** What was given then. */
  #givenBefore: unknown

  constructor(options: ClientCredentialsOptions) {
    const { auth } = options
    this.#options = options
    this.#ask = typeof auth === 'function' ? (auth as CredentialsFunction) : undefined
    this.#given = this.#ask === undefined ? auth : undefined
    this.#givenBefore = this.#given
  }

  /** Of the next hello. Undefined when they have to be asked for. */
  get known(): Body | undefined {
    return this.#ask === undefined ? bodyOfValue(this.#given) : undefined
  }

  /** Asks for those of a hello. Absent when they are known. */
  get forHello(): (() => Promise<Body>) | undefined {
    if (this.#ask === undefined) return undefined
    return () => {
      if (this.#waiting !== undefined) this.#waiting.isAskedFor = true
      return this.#asked({ reason: 'connect' })
    }
  }

  /**
   * A hello is about to be sent.
   *
   * @param asked what {@link forHello} gave for it
   * @returns what it shows: the newest
   */
  forNextHello(asked: Body | undefined): Body | undefined {
    const waiting = this.#waiting
    const { given } = waiting ?? {}
    this.#givenBefore = this.#given
    this.#shown = given !== undefined || waiting?.isAskedFor === true ? waiting : undefined
    return given?.body ?? asked ?? this.known
  }

  /** The handshake of the session of now is done: the server has taken what the hello has shown. */
  connected(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) {
      if (this.#given !== this.#givenBefore) this.#showAgain()
    } else if (waiting === this.#shown) {
      if (waiting.given !== undefined) this.#given = waiting.given.auth
      waiting.taken()
    } else this.#renew(waiting.given).then(waiting.taken, waiting.failed)
  }

  /** The server of before has taken newer ones while this handshake was under way. If this one refuses them, those of the hello count on. */
  #showAgain(): void {
    const auth = this.#given
    this.#renew({ auth, body: bodyOfValue(auth) }).catch(() => undefined)
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
    shown.failed(cause)
    this.#shown = undefined
    if (this.#waiting === shown) this.#waiting = undefined
    return true
  }

  /** There will be no connection any more. */
  ended(error: RpcError): void {
    this.#waiting?.failed(error)
    this.#waiting = undefined
  }

  /** What the session is told to answer with. Without a function it has no answer, and says so. */
  handlers(): Pick<SessionHandlers, 'challenged' | 'answerFailed'> {
    const { challengeFailed } = this.#options
    const answerFailed = (error: unknown) => challengeFailed(error)
    if (this.#ask === undefined) return { answerFailed }
    const challenged = (asked: Body) => this.#asked({ reason: 'challenge', challenge: valueOfBody(asked) })
    return { challenged, answerFailed }
  }

  /** See `$connection.renewAuth`. */
  async renew(args: readonly unknown[]): Promise<void> {
    if (args.length === 0) {
      if (this.#ask === undefined)
        throw refusal(
          'renewAuth needs the new credentials, unless the option auth is a function that gives them',
        )
      await this.#renew(undefined)
      return
    }
    const [auth] = args
    await this.#renew({ auth, body: checkedBody(auth) })
  }

  /** @param given absent: what the function gives */
  async #renew(given: GivenCredentials | undefined): Promise<void> {
    if (this.#isWithoutConnection) return await this.#waitForConnection(given)
    const body = given?.body ?? (await this.#asked({ reason: 'renew' }))
    if (this.#isWithoutConnection) return await this.#waitForConnection(given)
    const session = this.#options.session()
    try {
      await session.renewCredentials(body)
    } catch (error) {
      // The connection went before the server had answered. They are for the next one, or that to which the client has moved.
      const isCut = RpcError.is(error) && error.code === 'UNAVAILABLE' && error.maybeExecuted
      if (!isCut || this.#isEnded) throw error
      return await this.#renew(given)
    }
    if (given !== undefined) this.#given = given.auth
    // The client has moved meanwhile, and its hello there was sent before.
    if (session !== this.#options.session() && !this.#isEnded) await this.#renew(given)
  }

  async #waitForConnection(given: GivenCredentials | undefined): Promise<void> {
    const { bytesMax } = this.#options
    const bytes = given === undefined ? 0 : encodeBody(given.body).bytes.length
    // A hello that is too long would fail each attempt.
    if (bytes > bytesMax) {
      const text = `the credentials have ${bytes} bytes, and helloBytesMax is ${bytesMax}: give shorter ones, or raise it on both sides`
      throw new RpcError('RESOURCE_EXHAUSTED', text)
    }
    this.#waiting = new WaitingRenewal(given, this.#waiting)
    await this.#waiting.settled
  }

  get #isEnded(): boolean {
    const state = this.#options.state()
    return state === 'draining' || state === 'closed'
  }

  get #isWithoutConnection(): boolean {
    const state = this.#options.state()
    return state === 'connecting' || state === 'reconnecting'
  }

  async #asked(facts: CredentialsFacts): Promise<Body> {
    const auth = await new Promise((resolve) => {
      this.#options.enter(() => resolve(this.#ask?.(facts)))
    })
    const body = bodyOfValue(auth)
    // What cannot be sent is said here, to whoever asked.
    encodeBody(body)
    return body
  }
}

/** @throws RpcError INVALID_ARGUMENT for what cannot be sent */
function checkedBody(auth: unknown): Body {
  const body = bodyOfValue(auth)
  try {
    encodeBody(body)
  } catch (cause) {
    throw unsendable(cause)
  }
  return body
}

function unsendable(cause: unknown): RpcError {
  return new RpcError('INVALID_ARGUMENT', `the credentials cannot be sent: ${textOfThrown(cause)}`, { cause })
}
