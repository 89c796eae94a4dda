const zero = /[\p{M}\p{Cf}]/u
/** The ranges of Unicode's East_Asian_Width W and F that names and emoji come from (UAX #11). */
const wide =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u

/** The columns that this text takes on a terminal. */
export function displayWidth(text: string): number {
  let columns = 0
  for (const character of text) columns += characterWidth(character)
  return columns
}

/** The longest beginning of `text` that fits in `columnsMax` columns. */
export function fitted(text: string, columnsMax: number): string {
  let columns = 0
  let kept = ''
  for (const character of text) {
    columns += characterWidth(character)
    if (columns > columnsMax) break
    kept += character
  }
  return kept
}

function characterWidth(character: string): number {
  if (zero.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
