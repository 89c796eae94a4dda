import { type Body, encodeBody } from '@frameport/protocol/envelope'

/** What the hello shows. Nothing is sent of a value that is undefined. */
export function authBody(auth: unknown): Body {
  return auth instanceof Uint8Array
    ? ({ kind: 'raw', bytes: auth } as const)
    : ({ kind: 'value', value: auth } as const)
}

/**
 * The same of what the function `auth` gave.
 *
 * @throws ProtocolError for a value that cannot be sent
 */
export function askedBody(auth: unknown): Body {
  const body = authBody(auth)
  encodeBody(body)
  return body
}
