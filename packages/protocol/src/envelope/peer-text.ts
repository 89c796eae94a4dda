/** Characters that end a line, on a terminal or in a file. */
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
/**
 * Characters that move the cursor, change colours, change the direction of the text or are invisible (Cc, Cf), and
 * unpaired surrogates (Cs), which UTF-8 cannot encode. The two joiners (U+200C, U+200D) are kept: Persian, the scripts
 * of India and emoji need them, and they move nothing.
 */
const controls = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu

/**
 * Makes a text that a peer sent safe for an error, a log or a terminal: it is put on one line, every other control
 * character is replaced by U+FFFD, and it is cut to `lengthMax` characters (default: no maximum). Every code, text
 * and name from a peer passes through here before people see it.
 */
export function peerText(text: string, lengthMax = Number.POSITIVE_INFINITY): string {
  const shown = text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
  return shown.replace(breaks, ' ').replace(controls, '\ufffd')
}
