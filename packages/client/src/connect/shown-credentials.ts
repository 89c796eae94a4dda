import { type Body, type EnvelopeBody, encodeBody } from '@frameport/protocol/envelope'

/** A copy of credentials as they were sent, because their owner may change the object or the bytes later. */
export interface ShownCredentials {
  readonly body: Body
  readonly encoded: EnvelopeBody
}

/** @throws ProtocolError `INVALID_BODY` for a value that cannot be sent */
export function shownCredentials(body: Body): ShownCredentials {
  const { encoding, bytes } = encodeBody(body)
  return { body, encoded: { encoding, bytes: encoding === 'raw' ? bytes.slice() : bytes } }
}

/** Whether both are equal, byte for byte. */
export function isSame({ encoded: one }: ShownCredentials, other: ShownCredentials | undefined): boolean {
  if (other === undefined) return false
  const { encoding, bytes } = other.encoded
  if (one.encoding !== encoding || one.bytes.length !== bytes.length) return false
  return bytes.every((byte, at) => byte === one.bytes[at])
}
