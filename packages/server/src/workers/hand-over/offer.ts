import { X509Certificate } from 'node:crypto'
import type { MessagePort } from 'node:worker_threads'
import type { TlsFacts } from '@frameport/iocp-core/tls'

/** A connection whose client comes back, as it is offered to the owner of the session. */
export interface Offer {
  /** The index of the server, in the order in which the worker serves them. */
  readonly server: number
  readonly sessionId: Uint8Array
  readonly port: MessagePort
  readonly remoteEndpoint: string
  readonly tls: CarriedTls | undefined
  readonly hello: Uint8Array
  readonly receiveBytesMax: number
  readonly sendBytesMax: number
  readonly frameOverheadBytes: number
}

/** TLS facts in a form that can be sent to another thread. */
export type CarriedTls = Omit<TlsFacts, 'peerCertificate'> & { readonly certificate: Uint8Array | undefined }

export function carriedTls(facts: TlsFacts | undefined): CarriedTls | undefined {
  if (facts === undefined) return undefined
  const { peerCertificate, ...others } = facts
  return { ...others, certificate: peerCertificate && Uint8Array.from(peerCertificate.raw) }
}

export function tlsFactsOf(carried: CarriedTls | undefined): (() => TlsFacts) | undefined {
  if (carried === undefined) return undefined
  const { certificate, ...others } = carried
  const facts = { ...others, peerCertificate: certificate && new X509Certificate(certificate) }
  return () => facts
}
