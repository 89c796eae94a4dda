import stringWidth from 'string-width'
import { graphemes } from './graphemes.ts'

/** The columns that this text takes on a terminal. */
export function displayWidth(text: string): number {
  return stringWidth(text)
}

/** The longest beginning of `text` that fits in `columnsMax` columns. No grapheme is cut. */
export function fitted(text: string, columnsMax: number): string {
  let columns = 0
  let kept = ''
  for (const grapheme of graphemes(text)) {
    columns += displayWidth(grapheme)
    if (columns > columnsMax) break
    kept += grapheme
  }
  return kept
}
