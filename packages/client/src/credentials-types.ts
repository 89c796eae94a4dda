/** The argument of the function `auth`: why it is called. */
export type CredentialsFacts =
  /** The credentials are for the hello of a connection. */
  | {
      readonly reason: 'connect'
      /** Only a challenge has one. */
      readonly challenge?: undefined
    }
  /** `$connection.renewAuth()` was called. */
  | {
      readonly reason: 'renew'
      /** Only a challenge has one. */
      readonly challenge?: undefined
    }
  /** The server has sent a challenge, before it accepts the client or later. */
  | {
      readonly reason: 'challenge'
      /** What the server asks, as it arrived: a value of JSON, or bytes. Not validated. */
      readonly challenge: unknown
    }

/**
 * Credentials: a value that JSON can carry, or bytes; `undefined` for none. The compiler does not check the members of an object: they are
 * checked when the value is given.
 */
export type CredentialsValue = CredentialsObject | string | number | boolean | null | undefined

/** Neither a promise nor a function. */
interface CredentialsObject {
  // biome-ignore lint/suspicious/noExplicitAny: an interface of the user fits no other index.
  readonly [name: string]: any
  readonly then?: undefined
  readonly [Symbol.hasInstance]?: undefined
}

/**
 * Returns credentials, or a promise of them. See the option `auth`.
 *
 * @example
 * ```ts
 * const auth: CredentialsFunction = ({ reason, challenge }) => (reason === 'challenge' ? prove(challenge) : token())
 * ```
 */
export type CredentialsFunction = (facts: CredentialsFacts) => CredentialsValue | Promise<CredentialsValue>
