import { type Body, bodyOfValue, encodeBody, valueOfBody } from '@frameport/protocol/envelope'
import type { Session, SessionHandlers } from '@frameport/protocol/session'
import { refusal } from './check-options.ts'
import type { CredentialsFacts, CredentialsFunction } from './credentials-types.ts'

/** What the credentials of a client stand on. */
export interface ClientCredentialsOptions {
  /** The option `auth`: a value, or a function that gives one. */
  readonly auth: unknown
  /** The session of now. */
  readonly session: () => Session
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

  constructor(options: ClientCredentialsOptions) {
    const { auth } = options
    this.#options = options
    this.#ask = typeof auth === 'function' ? (auth as CredentialsFunction) : undefined
    this.#given = this.#ask === undefined ? auth : undefined
  }

  /** Of the next hello. Undefined when they have to be asked for. */
  get known(): Body | undefined {
    return this.#ask === undefined ? bodyOfValue(this.#given) : undefined
  }

  /** Asks for those of a hello. Absent when they are known. */
  get forHello(): (() => Promise<Body>) | undefined {
    return this.#ask === undefined ? undefined : () => this.#asked({ reason: 'connect' })
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
  async renew(given: readonly unknown[]): Promise<void> {
    const [auth] = given
    if (given.length === 0) {
      if (this.#ask === undefined)
        throw refusal(
          'renewAuth needs the new credentials, unless the option auth is a function that gives them',
        )
      await this.#options.session().renewCredentials(await this.#asked({ reason: 'renew' }))
      return
    }
    await this.#options.session().renewCredentials(bodyOfValue(auth))
    this.#given = auth
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
