/** Why the function `auth` is asked. */
export type CredentialsFacts =
  /** For the hello of a connection. */
  | { readonly reason: 'connect'; readonly challenge?: undefined }
  /** For new credentials: `$connection.renewAuth()` was called. */
  | { readonly reason: 'renew'; readonly challenge?: undefined }
  /** The server asks, before it lets the client in or later. `challenge` is what it asks, as it came: a value of JSON, or bytes. */
  | { readonly reason: 'challenge'; readonly challenge: unknown }

/** Credentials: a value that JSON can carry, or bytes. `undefined`: none. Whether JSON can carry the members of an object is looked at when it is given. */
export type CredentialsValue = CredentialsObject | string | number | boolean | null | undefined

/** No promise, and no function. */
interface CredentialsObject {
  // biome-ignore lint/suspicious/noExplicitAny: an interface of the user fits no other index.
  readonly [name: string]: any
  readonly then?: undefined
  readonly [Symbol.hasInstance]?: undefined
}

/** Gives credentials, or a promise of them. */
export type CredentialsFunction = (facts: CredentialsFacts) => CredentialsValue | Promise<CredentialsValue>
