import { type Body, decodeBody, encodeBody } from '../../envelope/codec.ts'
import { noMetadata } from '../../envelope/envelope-parts.ts'
import type { CredentialsEnvelope, LinkEnvelope } from '../../envelope/link-envelopes.ts'
import { RpcError } from '../../rpc-error.ts'
import type { SessionFault } from '../common/session-fault.ts'
import type { EnvelopeWriter } from '../flow/envelope-writer.ts'
import { unsendable } from '../flow/wire-errors.ts'
import type { LinkEvents, LinkResume } from './link-types.ts'

/** The part of a link that both sides of credentials use. */
export interface CredentialsLink {
  /** From the session above, which may change. */
  readonly events: LinkEvents
  /** From that session; undefined if it ends with its link. */
  readonly resumption: LinkResume | undefined
  /** The handshake is done, and the link does not end. */
  readonly isOpen: boolean
  /** Sends an envelope that is not an answer to the peer. */
  send(envelope: LinkEnvelope): void
  /** Sends an answer to the peer. */
  answer(envelope: LinkEnvelope): void
  /** The peer caused a fault: end the connection. */
  failed(fault: SessionFault): void
}

/**
 * Returns the body of a challenge or of credentials as a copy, because the frame is only lent.
 *
 * @throws RpcError RESOURCE_EXHAUSTED for a longer one, INVALID_ARGUMENT for one that is not valid
 */
export function credentialsBody({ kind, body }: CredentialsEnvelope, bytesMax: number): Body {
  const they = kind === 'challenge' ? 'the challenge is' : 'the credentials are'
  if (body.bytes.length > bytesMax) throw new RpcError('RESOURCE_EXHAUSTED', `${they} over ${bytesMax} bytes`)
  try {
    return decodeBody(body)
  } catch (cause) {
    throw new RpcError('INVALID_ARGUMENT', `${they} not valid`, { cause })
  }
}

/**
 * @throws RpcError INVALID_ARGUMENT for a body that cannot be encoded, RESOURCE_EXHAUSTED for one over the limit of the
 * peer
 */
export function credentialsEnvelope(
  kind: CredentialsEnvelope['kind'],
  id: number,
  body: Body,
  writer: EnvelopeWriter,
): CredentialsEnvelope {
  try {
    const encoded = encodeBody(body)
    writer.checkBody(encoded, `the ${kind}`)
    return { kind, id, metadata: noMetadata, body: encoded }
  } catch (cause) {
    throw unsendable(cause, 'INVALID_ARGUMENT')
  }
}

/** The failure of a request that waits for the peer when its connection ends. */
export function goneWhileWaiting(what: string, maybeExecuted: boolean): RpcError {
  return new RpcError('UNAVAILABLE', `the connection is gone, and ${what}`, { maybeExecuted })
}
