import type { LikelyProtocol } from '../framing-error.ts'

/** Methods of RFC 9110 and the first word of a status line, as far as four bytes show them. */
const httpStarts = new Set(['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP'])

const names: Readonly<Record<LikelyProtocol, string>> = {
  http: 'HTTP',
  http2: 'HTTP/2',
  tls: 'a TLS hello',
  ssh: 'SSH',
}

/**
 * What four bytes look like when they are no length. TLS: a handshake record, RFC 8446 section 5.1; HTTP/2: the
 * preface of RFC 9113 section 3.4; SSH: the version exchange of RFC 4253 section 4.2.
 */
export function likelyProtocolOf(header: Uint8Array): LikelyProtocol | undefined {
  if (header[0] === 0x16 && header[1] === 0x03) return 'tls'
  const text = String.fromCharCode(...header.subarray(0, 4))
  if (httpStarts.has(text)) return 'http'
  if (text === 'PRI ') return 'http2'
  return text === 'SSH-' ? 'ssh' : undefined
}

/** The sentence that an error text ends with, or nothing. */
export function likelyProtocolHint(protocol: LikelyProtocol | undefined): string {
  if (protocol === undefined) return ''
  return ` The header reads like ${names[protocol]}: the peer probably speaks another protocol on this port.`
}
