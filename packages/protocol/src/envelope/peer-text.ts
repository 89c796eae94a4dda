/** Characters that move the cursor, change colours or turn the direction of what follows. */
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/**
 * A text of the peer as it may stand in an error, a log or on a terminal: on one line, with U+FFFD for every other
 * control character. Every code, text and name that a peer sent goes through here before people see it.
 */
export function peerText(text: string): string {
  return text.replace(breaks, ' ').replace(controls, '\ufffd')
}
