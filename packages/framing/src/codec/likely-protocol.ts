import type { LikelyProtocol } from '../framing-error.ts'

/** Methods of RFC 9110 and the first word of a status line, as far as four bytes show them. */
const httpStarts = new Set(['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP'])

/** An object or an array (RFC 8259) that begins: a brace of a template or the bracket of `[info]` is only text. */
const jsonStart = /^(?:\{[\s"}]|\[[\s"{[\]\d-])/

/** Four digits are a length of the format `ascii4`, and its sender writes frames. */
const asciiLength = /^\d{4}$/

const otherProtocol = 'the peer probably speaks another protocol on this port'
const noLength = 'the peer probably sends it without the 4-byte length in front'

const hints: Readonly<Record<LikelyProtocol, string>> = {
  http: `HTTP: ${otherProtocol}`,
  http2: `HTTP/2: ${otherProtocol}`,
  tls: `a TLS hello: ${otherProtocol}`,
  ssh: `SSH: ${otherProtocol}`,
  json: `JSON: ${noLength}`,
  text: `plain text: ${noLength}, or speaks another protocol on this port`,
}

/**
 * What four bytes look like when they are no length. TLS: a handshake record, RFC 8446 section 5.1; HTTP/2: the
 * preface of RFC 9113 section 3.4; SSH: the version exchange of RFC 4253 section 4.2. Four bytes of ASCII that a text may
 * hold are a text: as a length they are 151 MB at least.
 */
export function likelyProtocolOf(header: Uint8Array): LikelyProtocol | undefined {
  if (header[0] === 0x16 && header[1] === 0x03) return 'tls'
  const text = String.fromCharCode(...header.subarray(0, 4))
  if (httpStarts.has(text)) return 'http'
  if (text === 'PRI ') return 'http2'
  if (text === 'SSH-') return 'ssh'
  if (!header.subarray(0, 4).every(isOfText) || asciiLength.test(text)) return undefined
  return jsonStart.test(text) ? 'json' : 'text'
}

/** The sentence that an error text has about it, or nothing. */
export function likelyProtocolHint(protocol: LikelyProtocol | undefined): string {
  return protocol === undefined ? '' : ` The header reads like ${hints[protocol]}.`
}

/** A character of ASCII that can be seen, a blank, a tab or the end of a line. */
function isOfText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d
}
