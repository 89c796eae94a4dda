/** Why the function `auth` is asked. */
export type CredentialsFacts =
  /** For the hello of a connection. */
  | { readonly reason: 'connect'; readonly challenge?: undefined }
  /** For new credentials: `$connection.renewAuth()` was called. */
  | { readonly reason: 'renew'; readonly challenge?: undefined }
  /** The server asks, before it lets the client in or later. `challenge` is what it asks, as it came: a value of JSON, or bytes. */
  | { readonly reason: 'challenge'; readonly challenge: unknown }

/** Gives credentials: a value that JSON can carry, or bytes. `undefined`: none. */
export type CredentialsFunction = (facts: CredentialsFacts) => unknown
