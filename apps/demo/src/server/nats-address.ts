/** The address of a NATS server, with its credentials. */
export interface NatsServer {
  /** The address without secrets, so that it can be shown. */
  readonly server: string
  readonly credentials?:
    | { readonly user: string; readonly pass: string }
    | { readonly token: string }
    | undefined
}

/**
 * Reads `127.0.0.1:4222`, `nats://USER:PASSWORD@HOST:4222`, `nats://TOKEN@HOST:4222`, or the same with `tls://`.
 * Secrets may be percent-encoded.
 *
 * @returns undefined if the text has another form
 */
export function natsAddressOf(text: string): NatsServer | undefined {
  const hasScheme = text.includes('://')
  let url: URL
  try {
    url = new URL(hasScheme ? text : `nats://${text}`)
  } catch {
    return undefined
  }
  const { protocol, username, password, host, pathname, search, hash } = url
  const isAddress = host !== '' && /^\/?$/.test(pathname) && search === '' && hash === ''
  if (!isAddress || (protocol !== 'nats:' && protocol !== 'tls:')) return undefined
  const server = hasScheme ? `${protocol}//${host}` : host
  if (username === '') return password === '' ? { server } : undefined
  try {
    const user = decodeURIComponent(username)
    const credentials = password === '' ? { token: user } : { user, pass: decodeURIComponent(password) }
    return { server, credentials }
  } catch {
    return undefined
  }
}
